// Two policies of a front side by side: what is chosen is looked up; every number was computed with the page.
function beside() {
  const box = document.querySelector(".pairs");
  if (!box) return;
  const data = JSON.parse(document.getElementById("every-pair").textContent), choices = ["a", "b"].map((one) => box.querySelector(`#pair-${one}`));
  const show = () => {
    const [a, b] = choices.map((one) => Number(one.value));
    box.querySelector("thead [data-of=a]").textContent = data.names[a];
    box.querySelector("thead [data-of=b]").textContent = data.names[b];
    box.querySelectorAll("tbody tr").forEach((row, i) => {
      const [difference, verdict] = data.pairs[`${a} ${b}`] ? data.pairs[`${a} ${b}`][i] : ["–", ""];
      const put = (name, text) => { row.querySelector(`[data-of=${name}]`).textContent = text; };
      put("a", data.cells[a][i]);
      put("b", data.cells[b][i]);
      put("difference", difference);
      put("verdict", verdict);
    });
  };
  choices.forEach((one) => one.addEventListener("change", show));
}
STARTS.push(beside);
