/** The house rules of the scripts, as far as a machine can see them. */

import assert from "node:assert/strict";
import {readdirSync, readFileSync} from "node:fs";
import {dirname, join, normalize, relative} from "node:path";
import {test} from "node:test";
import {fileURLToPath} from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../static/js");
const LAYERS = {lib: ["lib"], net: ["net", "lib"], state: ["state", "lib"], ui: ["ui", "state", "lib"], main: ["main", "ui", "net", "state", "lib"]};

const files = readdirSync(ROOT, {recursive: true})
  .filter((name) => name.endsWith(".js"))
  .map((name) => ({name, text: readFileSync(join(ROOT, name), "utf8")}));

/** Import statements as [line, path]. */
function imports({text}) {
  return text.split("\n").filter((line) => /^import\b/.test(line)).map((line) => [line, line.match(/from "(.*)"/)?.[1]]);
}

/** Names of the files that break a rule, for a readable failure. */
function breaking(rule) {
  return files.filter(rule).map(({name}) => name);
}

test("there are scripts to look at", () => {
  assert.ok(files.length > 20);
});

test("imports point to the same layer or a lower one", () => {
  for (const file of files) {
    const layer = file.name.split("/")[0];
    for (const [, path] of imports(file)) {
      const target = relative(ROOT, normalize(join(ROOT, dirname(file.name), path))).split("/")[0];
      assert.ok(LAYERS[layer].includes(target), `${file.name} imports ${path}`);
    }
  }
});

test("each import is one line with a literal relative path, as the hashing of file names needs it", () => {
  for (const file of files) {
    for (const [line] of imports(file)) {
      assert.match(line, /^import \{[\w, ]+\} from "\.\.?\/[\w./-]+\.js";$/, file.name);
    }
  }
  assert.deepEqual(breaking(({text}) => /import\.meta|import\(/.test(text)), []);
});

test("each file says in one sentence what it is", () => {
  assert.deepEqual(breaking(({text}) => !/^\/\*\*(?:(?!\*\/)[\s\S])+\.\s+\*\/\n/.test(text)), []);
});

test("state, net and lib touch no page, and ui opens no socket", () => {
  const low = ({name}) => /^(lib|net|state)\//.test(name);
  assert.deepEqual(breaking((file) => low(file) && /\b(document|window)\b\./.test(file.text)), []);
  assert.deepEqual(breaking(({name, text}) => name.startsWith("ui/") && /WebSocket/.test(text)), []);
});

test("markup is set in one place", () => {
  const sinks = /\.(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe)\b|document\.write|createContextualFragment|DOMParser/;
  assert.deepEqual(breaking(({text}) => sinks.test(text)), ["ui/markup.js"]);
  const [{text}] = files.filter(({name}) => name === "ui/markup.js");
  assert.deepEqual(text.match(new RegExp(sinks, "g")), [".innerHTML", "DOMParser"]);
});

/** All that a module needs, itself included. */
function reached(name, found = new Set()) {
  if (!found.has(name)) {
    found.add(name);
    const file = files.find((one) => one.name === name);
    imports(file).forEach(([, path]) => reached(normalize(join(dirname(name), path)), found));
  }
  return [...found];
}

test("each module is needed by a page", () => {
  const pages = files.map(({name}) => name).filter((name) => name.startsWith("main/"));
  assert.deepEqual(files.map(({name}) => name).sort(), [...new Set(pages.flatMap((name) => reached(name)))].sort());
});

test("the room's page preloads each module that it needs", () => {
  const list = readFileSync(join(ROOT, "../../templates/room/_modules.html"), "utf8");
  const preloaded = [...list.matchAll(/static "js\/([\w/-]+\.js)"/g)].map(([, name]) => name);
  assert.deepEqual(preloaded.sort(), reached("main/chat.js").filter((name) => name !== "main/chat.js").sort());
});

test("no text becomes code", () => {
  assert.deepEqual(breaking(({text}) => /\beval\(|new Function|setAttribute\("(on|style)/.test(text)), []);
});
