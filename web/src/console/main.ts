//! The operator's console: `/console`.

import { Console } from "./console";
import { ConsoleShell } from "./shell";

const shell = new ConsoleShell();
shell.run(new Console(shell));
