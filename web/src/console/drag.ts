//! Cameras that are dragged: from the tree, from a cell of the grid, or from a cell of the wall.

/** Ours alone: what is dragged in from elsewhere is no camera. */
const TYPE = "application/x-watchwall-camera";

export interface Dragged {
  readonly camera: string;
  /** The cell of the grid that it comes from. */
  readonly gridCell?: number;
  /** The cell of the wall that it comes from. */
  readonly wallCell?: { readonly screen: string; readonly cell: number };
}

/** Makes `dragged` what is dragged; `label` is what the pointer carries. */
export function beginDrag(event: DragEvent, dragged: Dragged, label: HTMLElement): void {
  const { dataTransfer } = event;
  if (dataTransfer === null) return;
  dataTransfer.setData(TYPE, JSON.stringify(dragged));
  dataTransfer.effectAllowed = "copyMove";
  dataTransfer.setDragImage(label, 12, 12);
}

/** Makes an element a place for cameras to be dropped. */
export function acceptDrops(target: HTMLElement, dropped: (dragged: Dragged) => void): void {
  let inside = 0;
  const mark = (by: number): void => {
    inside = by === 0 ? 0 : inside + by;
    target.classList.toggle("target", inside > 0);
  };
  const ours = (event: DragEvent): boolean => event.dataTransfer?.types.includes(TYPE) === true;
  target.addEventListener("dragenter", (event) => {
    if (ours(event)) mark(1);
  });
  target.addEventListener("dragleave", (event) => {
    if (ours(event)) mark(-1);
  });
  target.addEventListener("dragover", (event) => {
    if (ours(event)) event.preventDefault();
  });
  target.addEventListener("drop", (event) => {
    mark(0);
    const dragged = read(event.dataTransfer?.getData(TYPE) ?? "");
    if (dragged === undefined) return;
    event.preventDefault();
    dropped(dragged);
  });
}

function read(text: string): Dragged | undefined {
  try {
    const json = JSON.parse(text) as Partial<Dragged> | null;
    return typeof json?.camera === "string" ? { ...json, camera: json.camera } : undefined;
  } catch {
    return undefined;
  }
}
