// A job's events as they happen. The browser takes them up again by itself after a cut.

import { request } from "./api.js";

const POLL_MILLISECONDS = 3000;

/** Call `changed(job)` with each new state of a job, until it has ended or `stop()` is called. */
export function followJob(job, changed) {
  const events = new EventSource(`/v1/jobs/${job.id}/events`);
  let known = job;
  let timer = null;

  const update = (news) => {
    known = { ...known, ...news };
    changed(known);
  };
  const stop = () => {
    events.close();
    clearTimeout(timer);
  };
  const end = (news) => {
    stop();
    update(news);
  };
  const poll = async () => {
    const news = await request("GET", `/v1/jobs/${job.id}`).catch(() => null);
    if (news && isFinished(news)) end(news);
    else timer = setTimeout(poll, POLL_MILLISECONDS);
  };

  for (const kind of ["state", "progress"]) {
    events.addEventListener(kind, ({ data }) => update(JSON.parse(data)));
  }
  events.addEventListener("end", ({ data }) => end(JSON.parse(data)));
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) poll();
  };
  return { stop };
}

/** Return whether nothing more will happen to a job. */
export function isFinished(job) {
  return ["done", "failed", "cancelled"].includes(job.state);
}
