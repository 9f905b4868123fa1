// What scripts add to the console; without them all of it works, but for copying by a button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = "Copied";
  } catch { // a browser lends its clipboard to localhost and HTTPS only
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: copy it by keyboard";
  }
  document.getElementById("told").textContent = button.textContent;
  setTimeout(() => { button.textContent = before; }, 1500);
});
document.documentElement.classList.add("scripted");
