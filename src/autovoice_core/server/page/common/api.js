// Requests to the server; refusals come as `ApiFailure` with a sentence to show.

import { bytes, text } from "./dom.js";

export class ApiFailure extends Error {
  constructor(status, code, message, field) {
    super(message);
    Object.assign(this, { status, code, field });
  }
}

/** Called when the server wants a token that it was not shown. */
export const access = { denied: () => {} };

/** Send a request; return the JSON of the answer, or null if there is none. */
export async function request(method, path, { json, body } = {}) {
  const headers = json === undefined ? {} : { "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: json ? JSON.stringify(json) : body });
  } catch {
    throw new ApiFailure(0, "offline", text("errors.offline"));
  }
  const content = await answer.text();
  if (!answer.ok) throw failure(answer.status, content, answer.headers.get("Retry-After"));
  return content ? JSON.parse(content) : null;
}

function failure(status, content, retryAfter) {
  let error = {};
  try {
    error = JSON.parse(content).error ?? {};
  } catch {
    // Something between page and server answered: the status must do.
  }
  if (status === 401) access.denied();
  const message = error.message ?? text("errors.status", { status });
  const wait =
    status === 429 && retryAfter ? ` ${text("errors.wait", { seconds: retryAfter })}` : "";
  return new ApiFailure(status, error.code ?? "unknown", message + wait, error.field);
}

/** Return a new id for an upload. */
export function newId() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Upload a sound; `progress` is called with shares from 0 to 1. Returns what the server found. */
export async function upload(sound, progress = () => {}) {
  const most = (await request("GET", "/v1/limits")).upload_bytes;
  if (sound.size > most) {
    const values = { size: bytes(sound.size), most: bytes(most) };
    throw new ApiFailure(413, "too_big", text("errors.tooBig", values));
  }
  return send(sound, progress);
}

function send(sound, progress) {
  const put = new XMLHttpRequest();
  put.open("PUT", `/v1/uploads/${newId()}`);
  put.setRequestHeader("Content-Type", "application/octet-stream");
  put.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
  return new Promise((resolve, reject) => {
    put.onload = () => {
      if (put.status < 300) resolve(JSON.parse(put.responseText));
      else reject(failure(put.status, put.responseText, put.getResponseHeader("Retry-After")));
    };
    put.onerror = () => reject(new ApiFailure(0, "offline", text("errors.offline")));
    put.send(sound);
  });
}
