// The microphone as it is: nothing that the browser does to speech is good for singing.

const PROCESSING = ["echoCancellation", "noiseSuppression", "autoGainControl", "voiceIsolation"];

/** Open a microphone, mono, without any processing and at its own rate. */
export async function openMicrophone(deviceId) {
  const off = Object.fromEntries(PROCESSING.map((name) => [name, false]));
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  return navigator.mediaDevices.getUserMedia({
    audio: { ...off, ...device, channelCount: 1 },
  });
}

/** Return each kind of processing with what the browser reports of it: true, false, undefined. */
export function processingOf(stream) {
  const settings = stream.getAudioTracks()[0].getSettings();
  return PROCESSING.map((name) => ({ name, on: settings[name] }));
}

/** Return the seconds that the browser says the microphone needs; 0 where it says nothing. */
export function inputLatency(stream) {
  return stream.getAudioTracks()[0].getSettings().latency ?? 0;
}

/** Return the microphones, with names once one was allowed. */
export async function microphones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId);
}
