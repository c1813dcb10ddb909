"use strict";
// The page's own small jobs: theme, print, copy, download. Content is already there without them.
const STARTS = []; // what begins once for the page's content in each of its languages
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
function download(name, parts) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv;charset=utf-8" }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
// Names come from scenario files; in markup they stand as text.
const plain = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
function say(near, words, milliseconds = 4000) {
  const place = near.closest(".tools").querySelector(".said");
  place.textContent = words;
  setTimeout(() => { place.textContent = ""; }, milliseconds);
}
function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}
// The button says what a click gives.
function nameTheme() {
  const button = document.getElementById("theme");
  if (button) button.textContent = isDark() ? WORDS.light : WORDS.dark;
}
const csvOf = async (block) => new TextDecoder().decode(await unpack(block.querySelector("script.csv").textContent));
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const block = button.closest(".block.table");
  if (button.matches(".copy")) {
    await copy([...block.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => cell.textContent.replace(/\s+/g, " ").trim()).join("\t")).join("\n"));
    say(button, WORDS.copied);
  } else if (button.matches(".save")) {
    download(`${block.dataset.name}.csv`, ["\ufeff", await csvOf(block)]);
    say(button, WORDS.saved);
  } else if (button.matches(".file")) {
    const name = button.dataset.file;
    download(name, [await unpack(document.querySelector(`script[data-content="${CSS.escape(name)}"]`).textContent)]);
    say(button, WORDS.saved);
  } else if (button.id === "theme") {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  } else if (button.id === "print") {
    print();
  } else if (button.id === "language") {
    await switchLanguage();
  }
});
// The content in the other language is packed into the file; what both share stands there once. Each is built once and kept.
const CONTENTS = {};
async function otherContent(holder, now) {
  const content = document.createElement("div");
  content.id = "page";
  content.innerHTML = new TextDecoder().decode(await unpack(holder.textContent));
  const tables = now.querySelectorAll("script.csv");
  content.querySelectorAll("script.csv").forEach((one, i) => { if (!one.textContent.trim()) one.textContent = tables[i].textContent; });
  content.querySelectorAll("script[data-content]").forEach((one) => { if (!one.textContent.trim()) one.textContent = now.querySelector(`script[data-content="${CSS.escape(one.dataset.content)}"]`).textContent; });
  now.querySelectorAll("script[type='application/json'][id]").forEach((one) => { if (!content.querySelector(`#${CSS.escape(one.id)}`)) content.append(one.cloneNode(true)); });
  return { content, title: holder.dataset.title };
}
async function switchLanguage() {
  const holder = document.getElementById("other"), now = document.getElementById("page"), root = document.documentElement;
  const [first, second] = [holder.dataset.first ||= root.lang, holder.dataset.lang], wanted = root.lang === second ? first : second;
  CONTENTS[root.lang] = { content: now, title: document.title };
  const fresh = !CONTENTS[wanted];
  if (fresh) CONTENTS[wanted] = await otherContent(holder, now);
  const read = [...now.querySelectorAll("section")].filter((one) => one.getBoundingClientRect().top <= 80).pop(), top = read && read.getBoundingClientRect().top;
  const { content, title } = CONTENTS[wanted];
  now.replaceWith(content);
  root.lang = wanted;
  document.title = title;
  WORDS = JSON.parse(document.getElementById("words").textContent);
  if (fresh) STARTS.forEach((start) => start());
  else dispatchEvent(new HashChangeEvent("hashchange"));
  nameTheme();
  document.getElementById("language").focus({ preventScroll: true });
  const same = read && document.getElementById(read.id);
  if (same) scrollBy(0, same.getBoundingClientRect().top - top);
}
{
  const closed = [];
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details.history:not([open])").forEach((one) => { closed.push(one); one.open = true; });
  });
  addEventListener("afterprint", () => { closed.splice(0).forEach((one) => { one.open = false; }); });
  nameTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
}
