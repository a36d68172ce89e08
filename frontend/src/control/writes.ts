/** What the host asks the site to do. Each write carries the CSRF token; each refusal is a Problem with words. */

import { ask, askJson } from "../lib/problem";
import { type ControlData, forSpeaker, type Invitation } from "./model";

export type SeatAct = "mute" | "unmute" | "remove" | "hand_over";

export class Writes {
  constructor(
    private readonly data: ControlData,
    private readonly csrf: string,
  ) {}

  async act(act: string, version: number): Promise<void> {
    await ask(this.data.act_url, this.#post({ act, version }));
  }

  invite(name: string): Promise<Invitation> {
    return askJson<Invitation>(this.data.invitations_url, this.#post({ name }));
  }

  async mark(title: string): Promise<void> {
    await ask(this.data.marks_url, this.#post({ title }));
  }

  async unmark(id: string): Promise<void> {
    await ask(`${this.data.marks_url}/${id}`, { method: "DELETE", headers: this.#headers() });
  }

  /** Remove what was said in the last `seconds`; in words, how much really went. */
  async dump(seconds: number): Promise<string> {
    return (await askJson<{ text: string }>(this.data.dumps_url, this.#post({ seconds }))).text;
  }

  async rename(id: string, title: string): Promise<void> {
    await ask(`${this.data.marks_url}/${id}`, { ...this.#post({ title }), method: "PATCH" });
  }

  newLink(speakerId: string): Promise<Invitation> {
    return askJson<Invitation>(forSpeaker(this.data.new_link_url, speakerId), this.#post({}));
  }

  async revoke(speakerId: string): Promise<void> {
    await ask(forSpeaker(this.data.revoke_url, speakerId), { method: "DELETE", headers: this.#headers() });
  }

  async seat(act: SeatAct, speakerId: string): Promise<void> {
    await ask(forSpeaker(this.data.seat_url, speakerId), this.#post({ act }));
  }

  #post(body: object): RequestInit {
    return {
      method: "POST",
      headers: { ...this.#headers(), "Content-Type": "application/json" },
      body: JSON.stringify(body),
    };
  }

  #headers(): Record<string, string> {
    return { "X-Rostra-CSRF": this.csrf, Accept: "application/json" };
  }
}
