"use strict";
// The page asks; everything that is computed or worded comes from the program.
const WORDS = JSON.parse(document.getElementById("words").textContent);
WORDS.dark = WORDS["theme.dark"];
WORDS.light = WORDS["theme.light"];
const LANG = document.body.dataset.lang;
const $ = (id) => document.getElementById(id);
const HERE = document.body.dataset.here;
const form = $("question");
let panels = form ? [...form.querySelectorAll(".policy")] : [];
let shownJob = null;
let shownVersion = "";
let stopping = null; // the job that the stop button was pressed for
let polling = 0;
let failures = 0; // requests about the shown job that failed in a row
const REFUSED = 4; // so many answers with an error in a row, and the page asks no more
let checking = 0;

async function ask(path, body) {
  const headers = body instanceof Blob ? { "content-type": "application/octet-stream" } : { "content-type": "application/x-www-form-urlencoded" };
  const options = body === undefined ? {} : { method: "POST", body, headers };
  let answer;
  try {
    answer = await fetch(`${path}${path.includes("?") ? "&" : "?"}lang=${LANG}`, options);
  } catch {
    throw Object.assign(new Error(WORDS.lost), { silent: true });
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

// ---- variables -------------------------------------------------------------------------------------------------------------
const used = () => panels.filter((panel) => panel.dataset.used);
function valueOf(parameter) {
  const text = parameter.querySelector(".value").value.normalize("NFKC").trim().replace(/\s*%$/, ""); // １０％ is 10
  return parameter.dataset.kind === "share" && text !== "" ? `${text}%` : text;
}
function changes(panel) {
  return [...panel.querySelectorAll(".parameter")].filter((one) => valueOf(one) !== one.dataset.base)
    .map((one) => `${one.dataset.key}=${valueOf(one)}`);
}
function query() {
  const found = new URLSearchParams({ scenario: form.scenario.value });
  for (const name of ["since", "day"]) if (form[name].value) found.set(name, form[name].value);
  if (form.effort.value !== "usual") found.set("effort", form.effort.value);
  if (form.unlawful.checked) found.set("unlawful", "1");
  for (const panel of used()) found.append("policy", [panel.querySelector(".name").value.replaceAll(";", " "), ...changes(panel)].join(";"));
  return found;
}
function choose(number) {
  panels.forEach((panel, i) => {
    const tab = $(`tab-${i + 1}`);
    panel.hidden = i !== number;
    tab.hidden = !panel.dataset.used;
    tab.setAttribute("aria-selected", String(i === number));
    tab.tabIndex = i === number ? 0 : -1;
  });
  $("add").hidden = used().length === panels.length;
}
function reset(panel) {
  panel.querySelector(".name").value = "";
  for (const one of panel.querySelectorAll(".parameter")) {
    one.querySelector(".value").value = one.dataset.base.replace("%", "");
    const slide = one.querySelector(".slide");
    if (slide) slide.value = one.querySelector(".value").value;
  }
}
function changed() {
  for (const one of form.querySelectorAll(".parameter")) one.classList.toggle("changed", valueOf(one) !== one.dataset.base);
  clearTimeout(checking);
  checking = setTimeout(check, 250);
}
async function check() {
  const asked = query();
  remember(asked);
  try {
    const found = await (await ask("/api/check", asked)).json();
    if (String(asked) !== String(query())) return;
    $("defects").hidden = found.defects.length === 0;
    $("defects").textContent = found.defects.join("\n");
    $("command").textContent = found.command;
    $("refused").textContent = found.refused;
    if (found.held_against) {
      $("held-against").textContent = found.held_against;
      $("not-checked").textContent = found.not_checked;
    }
    used().forEach((panel, i) => {
      const said = found.policies[i] || { unlawful: {}, other: [], name: "" };
      panel.querySelector(".name").placeholder = said.name;
      panel.querySelector(".other").textContent = said.other.join("\n");
      for (const one of panel.querySelectorAll(".parameter")) {
        const wrong = (found.wrong[i] || {})[one.dataset.key] || "";
        mark(one.querySelector(".value"), one.querySelector(".wrong"), wrong);
        one.querySelector(".law").textContent = wrong ? "" : said.unlawful[one.dataset.key] || "";
        if (found.limits) one.querySelector(".limit").textContent = found.limits[one.dataset.key] || "";
      }
    });
  } catch (error) {
    $("defects").hidden = false;
    $("defects").textContent = error.message;
  }
}
function mark(field, place, wrong) {
  place.textContent = wrong;
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
// Whether every value can be asked about; else the first that cannot has the focus, and what is wrong stands with it.
async function sound() {
  await check();
  const wrong = used().flatMap((panel) => [...panel.querySelectorAll("[aria-invalid=true]")])[0];
  if (!wrong) return true;
  choose(panels.indexOf(wrong.closest(".policy")));
  const folded = wrong.closest("details");
  if (folded) folded.open = true;
  wrong.focus();
  return false;
}
function remember(asked) {
  const kept = new URLSearchParams(asked);
  kept.set("lang", LANG);
  const other = new URLSearchParams(asked);
  other.set("lang", LANG === "zh" ? "en" : "zh");
  if (shownJob) { kept.set("job", shownJob); other.set("job", shownJob); }
  history.replaceState(null, "", `/?${kept}`);
  $("lang").href = `/?${other}`;
}

// ---- jobs ---------------------------------------------------------------------------------------------------------------
function show(id) {
  $("gone").textContent = "";
  if (id !== shownJob) $("answer").replaceChildren(); // the answer of another question is none of this one
  shownJob = id;
  stopping = null;
  shownVersion = "";
  failures = 0;
  if (form) remember(query());
  else rememberFields();
  $("failure").hidden = true;
  clearTimeout(polling);
  poll();
}
// A job of the list: what was asked comes back into the form, and with it into the address.
// One whose form is on another page is shown there.
async function reopen(id) {
  const job = await (await ask(`/api/jobs/${id}`)).json();
  if (job.form && !job.form.startsWith(`${HERE}?`)) {
    location.href = `${job.form}&${new URLSearchParams({ job: id, lang: LANG })}`;
    return;
  }
  show(id);
  if (!job.form) return;
  const page = new DOMParser().parseFromString(await (await ask(job.form)).text(), "text/html");
  if (id !== shownJob) return;
  const asked = form || $("figures");
  asked.replaceChildren(...page.getElementById(asked.id).children);
  if (!form) {
    await audit();
    return;
  }
  $("link-wrong").replaceChildren(...page.getElementById("link-wrong").children);
  panels = [...form.querySelectorAll(".policy")];
  choose(0);
  changed();
  remember(query());
}
async function poll() {
  const id = shownJob;
  let wait = 700;
  try {
    const job = await (await ask(`/api/jobs/${id}`)).json();
    if (id !== shownJob) return;
    draw(job);
    const version = `${job.version} ${job.state}`; // what is said of an answer, and what of it can be taken away, hangs on both
    if (job.version && version !== shownVersion) {
      const html = await (await ask(`/jobs/${id}/answer`)).text();
      if (id !== shownJob) return;
      $("answer").innerHTML = html;
      shownVersion = version;
    }
    if (!["queued", "running"].includes(job.state)) wait = 0;
    failures = 0;
  } catch (error) {
    if (id !== shownJob) return;
    wait = pauseAfter(error);
  }
  if (wait && id === shownJob) polling = setTimeout(poll, wait);
}
// What went wrong is said, and how long it is until the page asks again: longer each time, and for ever only where nothing
// answers, for the program may be started again. Who answers with an error is not asked without end.
function pauseAfter(error) {
  failures += 1;
  const ends = !error.silent && failures >= REFUSED;
  const wait = ends ? 0 : Math.min(1500 * 2 ** (failures - 1), 30000);
  const next = WORDS[ends ? "unanswered.ends" : "unanswered.again"].replace("{n}", failures).replace("{seconds}", Math.ceil(wait / 1000));
  $("job").hidden = false;
  if (ends) $("bar").hidden = $("cancel").hidden = true;
  $("failure").hidden = false;
  $("failure").textContent = failures > 1 ? `${error.message}\n${next}` : error.message;
  return wait;
}
// What is under way ends at its next step, which may take a while: that it will is said at once.
async function stop(id) {
  stopping = id;
  $("cancel").disabled = true;
  $("state").textContent = WORDS["state.stopping"];
  try {
    await ask(`/api/jobs/${id}/cancel`, "");
  } catch (error) {
    stopping = null;
    throw error;
  }
}
function draw(job) {
  const open = ["queued", "running"].includes(job.state);
  $("job").hidden = false;
  $("job-title").textContent = job.title;
  $("bar").hidden = !open;
  if (job.state === "running" && !job.total) $("bar").removeAttribute("value");
  else $("bar").value = job.total ? job.done / job.total : 0;
  const stops = open && (job.stopping || stopping === job.id);
  $("state").textContent = stops ? WORDS["state.stopping"] : job.said;
  $("cancel").hidden = !open;
  $("cancel").disabled = stops;
  $("again").hidden = !job.again;
  $("failure").hidden = !job.message;
  $("failure").textContent = job.message;
  const listed = document.querySelector(`[data-job="${CSS.escape(job.id)}"] > .state`);
  if (listed) listed.textContent = WORDS[`state.${job.state}`];
}
async function refreshJobs() {
  const list = document.querySelector("ol.jobs");
  list.innerHTML = await (await ask(`/jobs?page=${HERE}`)).text();
  document.querySelector("#jobs .none").hidden = list.children.length > 0;
}
document.addEventListener("visibilitychange", () => { // another tab may have asked meanwhile
  if (!document.hidden) refreshJobs().catch(fail);
});
async function remove(id) {
  const found = await (await ask(`/api/jobs/${id}/delete`, "")).json();
  if (shownJob === id) {
    shownJob = null;
    clearTimeout(polling);
    $("job").hidden = true;
    $("answer").replaceChildren();
    if (form) remember(query());
    else rememberFields();
  }
  for (const pinned of document.querySelectorAll(`#pinned [data-job="${CSS.escape(id)}"]`)) pinned.remove();
  if (!$("pinned").querySelector(".content").children.length) $("pinned").hidden = true;
  await refreshJobs();
  $("gone").textContent = found.said;
  $("gone").focus(); // the button that was pressed is gone too
}
function fail(error) {
  $("job").hidden = false;
  if (!shownJob) $("bar").hidden = $("cancel").hidden = true; // nothing was taken, so there is nothing to stop
  $("failure").hidden = false;
  $("failure").textContent = error.message;
}

document.addEventListener("input", (event) => {
  const parameter = event.target.closest(".parameter");
  if ($("figures") && $("figures").contains(event.target)) {
    clearTimeout(checking);
    checking = setTimeout(audit, 500);
  }
  if (!form || !form.contains(event.target)) return;
  if (parameter && event.target.matches(".slide")) parameter.querySelector(".value").value = event.target.value;
  else if (parameter && parameter.querySelector(".slide") && parseFloat(valueOf(parameter)) >= 0) parameter.querySelector(".slide").value = parseFloat(valueOf(parameter));
  changed();
});
document.addEventListener("change", (event) => {
  if (event.target.id === "mapping-file") mappingFrom(event.target).catch((error) => { $("mapping-said").textContent = error.message; });
  if (event.target.id !== "scenario") return;
  const asked = query();
  asked.set("lang", LANG);
  location.href = `/?${asked}`;
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const panel = button.closest(".policy");
  const row = button.closest("[data-job]");
  try {
    if (button.matches("[role=tab]")) choose(Number(button.id.slice(4)) - 1);
    else if (button.id === "add") {
      const next = panels.findIndex((one) => !one.dataset.used);
      panels[next].dataset.used = "1";
      choose(next);
      panels[next].querySelector(".name").focus();
      changed();
    } else if (button.matches(".drop")) {
      reset(panel);
      panel.dataset.used = "";
      choose(0);
      changed();
    } else if (button.matches(".reset")) {
      reset(panel);
      changed();
    } else if (button.id === "link") {
      await copy(location.href);
      say(button, WORDS["link.copied"]);
    } else if (button.id === "cancel") await stop(shownJob);
    else if (button.matches(".inside")) {
      const place = button.dataset.number === "0" ? 0 : used().indexOf(panel) + 1;
      if (!await sound()) return;
      const job = await (await ask(`/api/inside?number=${place}`, query())).json();
      await refreshJobs();
      show(job.id);
    } else if (button.id === "again") {
      await ask(`/api/jobs/${shownJob}/again`, "");
      show(shownJob);
    } else if (button.matches(".pin")) {
      $("pinned").hidden = false;
      $("pinned").querySelector(".content").replaceChildren($("answer").firstElementChild.cloneNode(true));
    } else if (button.matches(".fill")) fill($("answer").querySelector("pre.mapping").textContent, WORDS["files.filled"]);
    else if (button.matches(".open")) await reopen(row.dataset.job);
    else if (button.matches(".delete") && (row.dataset.kind === "lots" || confirm(WORDS["confirm.delete"]))) await remove(row.dataset.job);
  } catch (error) {
    fail(error);
  }
});
document.addEventListener("keydown", (event) => { // in a field of a number, a step of its slider
  const slide = event.target.matches(".parameter .value") && event.target.closest(".parameter").querySelector(".slide");
  if (!slide || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "ArrowUp") slide.stepUp();
  else slide.stepDown();
  slide.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=tab]") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const tabs = [...document.querySelectorAll("[role=tab]:not([hidden])")];
  const next = tabs[(tabs.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
  next.click();
  next.focus();
});
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const run = $("run");
  run.disabled = true;
  try {
    if (event.target === form && !await sound()) return;
    const job = await (await submitted(event.target)).json();
    await refreshJobs();
    show(job.id);
  } catch (error) {
    fail(error);
  } finally {
    run.disabled = false;
  }
});
function submitted(what) {
  if (what.id === "question") return ask("/api/run", query());
  if (what.id === "figures") return ask("/api/calibrate", new URLSearchParams(new FormData(what)));
  const file = $("file").files[0];
  const mapping = new Blob([$("mapping").value.trim() && $("mapping").value]); // in front of the file, so that both come at once
  const asked = { name: file.name, estimate: $("estimate").checked ? "1" : "0", mapping: String(mapping.size) };
  return ask(`/api/lots?${new URLSearchParams(asked)}`, new Blob([mapping, file]));
}
// A mapping from a file, which editors save in one of two encodings, or from the columns of a file that was not recognised.
function fill(text, said) {
  $("mapping").value = text;
  $("mapping-part").open = true;
  $("mapping-said").textContent = said;
  $("mapping").focus();
  $("mapping").setSelectionRange(0, 0);
}
async function mappingFrom(field) {
  const file = field.files[0];
  if (!file) return;
  if (file.size > Number(field.dataset.most)) throw new Error(field.dataset.large);
  const bytes = await file.arrayBuffer();
  for (const encoding of ["utf-8", "gb18030"]) {
    try {
      fill(new TextDecoder(encoding, { fatal: true }).decode(bytes), "");
      return;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  throw new Error(WORDS["files.not_text"]);
}
// What is typed stands in the address, so that a reload, or a link, brings it back.
function rememberFields() {
  const kept = new URLSearchParams($("figures") ? [...new FormData($("figures"))].filter(([, value]) => value) : []);
  kept.set("lang", LANG);
  if (shownJob) kept.set("job", shownJob);
  history.replaceState(null, "", `${HERE}?${kept}`);
  const other = new URLSearchParams(kept);
  other.set("lang", LANG === "zh" ? "en" : "zh");
  $("lang").href = `${HERE}?${other}`;
}
async function audit() {
  rememberFields();
  try {
    const fields = () => new URLSearchParams(new FormData($("figures")));
    const typed = fields();
    const found = await (await ask("/api/audit", typed)).json();
    if (String(typed) !== String(fields())) return; // a later answer is on its way
    $("defects").hidden = found.defects.length === 0;
    $("defects").textContent = found.defects.join("\n");
    for (const place of $("figures").querySelectorAll(".wrong")) {
      const name = place.id.slice(0, -"-wrong".length);
      mark($(name), place, found.fields[name] || "");
    }
    $("audit").innerHTML = found.html;
  } catch (error) {
    $("defects").hidden = false;
    $("defects").textContent = error.message;
  }
}
const wanted = new URLSearchParams(location.search).get("job");
if (wanted) show(wanted);
if ($("figures") && $("figures").elements["name-1"].value) audit();
if (form) {
  choose(0);
  changed();
}
