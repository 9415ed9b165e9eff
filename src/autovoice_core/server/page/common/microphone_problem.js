// What keeps the page from the microphone, as a sentence with what to do.

import { text } from "./dom.js";

/** Return why there can be no microphone here at all, or null. */
export function noMicrophone() {
  if (!window.isSecureContext) return text("microphone.insecure", { host: location.host });
  if (!navigator.mediaDevices?.getUserMedia) return text("microphone.unsupported");
  return null;
}

/** Return a sentence for what the browser threw. */
export function microphoneProblem(error) {
  const known = {
    NotAllowedError: "microphone.refused",
    NotFoundError: "microphone.missing",
    NotReadableError: "microphone.busy",
    OverconstrainedError: "microphone.missing",
  };
  const problem = noMicrophone();
  if (problem) return problem;
  return text(known[error.name] ?? "microphone.failed", { reason: error.message });
}
