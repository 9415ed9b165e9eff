// The page's beginning: texts, the three parts, the door.

import { signIn } from "./common/sign_in.js";
import { element, fillTexts, show } from "./common/dom.js";
import { liveView } from "./live/live_view.js";
import { songView } from "./song/song_view.js";
import { voiceForm } from "./voices/voice_form.js";
import { voiceList } from "./voices/voice_list.js";
import { Voices } from "./voices/voices.js";

const PARTS = ["song", "live", "voices"];

fillTexts();
const voices = new Voices();
const song = songView(voices);
const live = liveView(voices);
voiceList(voices);
voiceForm(voices);

function showPart() {
  const asked = location.hash.slice(1);
  const part = PARTS.includes(asked) ? asked : PARTS[0];
  for (const name of PARTS) {
    element(name).hidden = name !== part;
    const link = document.querySelector(`nav a[href="#${name}"]`);
    if (name === part) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (part !== "song") song.stop();
  if (part !== "live") live.stop();
}

async function open() {
  await voices.load();
  await song.open();
}

addEventListener("hashchange", () => {
  showPart();
  element(location.hash.slice(1))?.querySelector("h2")?.focus();
});
addEventListener("unhandledrejection", ({ reason }) =>
  show("page-message", reason.message, "error"),
);
// A file that is dropped beside its place must not replace the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
showPart();
await signIn(open);
document.body.dataset.ready = "";
