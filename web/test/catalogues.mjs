// All words of all pages, in both languages, as one list each.
import { readdir, readFile } from "node:fs/promises";
import { build } from "esbuild";

const WORDS = new URL("../src/words/", import.meta.url).pathname;
const SAID = "said";

/** Every text of `vi` or `en`, without those that have places to fill in. */
export async function textsOf(language) {
  const folders = (await readdir(WORDS, { withFileTypes: true })).filter(
    (one) => one.isDirectory() && one.name !== SAID,
  );
  const files = [`./${language}`, ...folders.map(({ name }) => `./${name}/${language}`)];
  const lines = files.map((file, n) => `import * as part${n} from "${file}";`);
  lines.push(`export default [${files.map((_, n) => `part${n}`)}];`);
  const { outputFiles } = await build({
    stdin: { contents: lines.join("\n"), resolveDir: WORDS },
    bundle: true,
    write: false,
    format: "esm",
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  const { default: parts } = await import(`data:text/javascript;base64,${code}`);
  const own = parts.flatMap((part) => Object.values(part)).flatMap(Object.values);
  // One word of the service's may be anybody's, as a screen's id.
  const said = (await saidIn(language)).filter((text) => text.includes(" "));
  const texts = [...own, ...said];
  return new Set(texts.filter((text) => typeof text === "string" && !text.includes("{")));
}

/** What the service says. */
async function saidIn(language) {
  const files = await readdir(`${WORDS}${SAID}`);
  const texts = await Promise.all(files.map((file) => readFile(`${WORDS}${SAID}/${file}`, "utf8")));
  const pairs = texts.map((text) => JSON.parse(text));
  return pairs.flatMap(language === "en" ? Object.keys : Object.values);
}
