// The projected page: keeps the screen awake, shows the debrief's link when there is one, F fills the screen.
import { onView } from "/static/live.js";

onView((view) => { document.body.dataset.published = view.status.published ? "yes" : "no"; });

let lock = null;
async function awake() {
  if (!("wakeLock" in navigator) || document.hidden || lock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
  } catch (_) { lock = null; } // a battery saver may refuse; the page works all the same
}
awake();
document.addEventListener("visibilitychange", awake);

document.addEventListener("keydown", (event) => {
  if (event.key !== "f" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.documentElement.requestFullscreen) document.documentElement.requestFullscreen();
});
