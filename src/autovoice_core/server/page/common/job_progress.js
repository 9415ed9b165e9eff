// A job while it runs: its stage, how far it is, which backend does what, and why.

import { ApiFailure, request } from "./api.js";
import { backendItems } from "./backends.js";
import { announce, element, show, text } from "./dom.js";
import { followJob, isFinished } from "./job_events.js";

/**
 * Make a view of jobs of the elements `{id}`, `{id}-bar`, `{id}-stage`, `{id}-backends`,
 * `{id}-cancel` and `{id}-message`. `finished(job)` is called when one is done.
 */
export function jobProgress(id, finished) {
  let following = null;
  let stage = null;
  let job = null;

  const showStage = () => {
    const now = stageOf(job);
    element(`${id}-stage`).textContent = now;
    if (now !== stage) announce(now);
    stage = now;
  };
  const showBackends = () => {
    const rows = backendItems(job);
    element(`${id}-backends`).replaceChildren(...rows);
    element(`${id}-backends`).hidden = !rows.length;
  };
  const changed = (news) => {
    job = news;
    const bar = element(`${id}-bar`);
    if (job.state === "queued") bar.removeAttribute("value");
    else bar.value = job.progress;
    showStage();
    showBackends();
    if (isFinished(job)) end();
  };
  const end = () => {
    element(id).hidden = true;
    following = null;
    if (job.state === "failed") {
      show(`${id}-message`, text("job.failed", { reason: job.error?.message }), "error");
    } else if (job.state === "cancelled") show(`${id}-message`, text("job.cancelled"));
    else finished(job);
  };
  element(`${id}-cancel`).onclick = async () => {
    try {
      await request("DELETE", `/v1/jobs/${job.id}`);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      show(`${id}-message`, error.message, "error");
    }
  };
  return {
    /** Show a job from now on, instead of the last one. */
    follow(started) {
      following?.stop();
      stage = null;
      show(`${id}-message`, "");
      element(id).hidden = false;
      element(id).scrollIntoView({ block: "nearest" });
      if (!isFinished(started)) following = followJob(started, changed);
      changed(started);
    },
  };
}

function stageOf(job) {
  if (job.state === "queued") {
    const place = job.position_in_queue;
    return place > 0 ? text("job.queued", { place }) : text("job.waiting");
  }
  const known = text(`stages.${job.stage}`);
  if (known !== `stages.${job.stage}`) return known;
  return job.stage ?? text("job.running");
}
