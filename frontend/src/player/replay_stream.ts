/** The replay as HLS: an hour begins, and is sought in, without loading an index of half a megabyte first. */

import Hls, { type ErrorData, Events } from "hls.js/light";

/** Let `audio` play the playlist from `begin`; what fails for good goes on with `file`. True when it began. */
export function attachStream(audio: HTMLAudioElement, playlist: string, file: string, begin = audio.currentTime): boolean {
  if (!audio.paused || audio.readyState > 0) return false;
  if (!Hls.isSupported()) {
    if (audio.canPlayType("application/vnd.apple.mpegurl") === "") return false;
    audio.src = playlist;
    if (begin > 0) audio.currentTime = begin;
    return true;
  }
  const hls = new Hls({
    enableWorker: false,
    startPosition: begin,
    maxBufferLength: 30,
    maxMaxBufferLength: 60,
    backBufferLength: 60,
  });
  hls.on(Events.ERROR, (_event, data: ErrorData) => {
    if (!data.fatal) return;
    const [at, playing] = [audio.currentTime, !audio.paused];
    hls.destroy();
    audio.src = file;
    audio.currentTime = at;
    if (playing) audio.play().catch(console.warn);
  });
  hls.attachMedia(audio);
  hls.loadSource(playlist);
  return true;
}
