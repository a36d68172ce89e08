/**
 * Passkeys: a form that waits for the browser's answer and then goes like any other form.
 *
 * The options come in the form's data attribute, bytes as base64url; the answer goes into its hidden field.
 */

import "./site";

import { fromBytes, toBytes } from "./lib/base64url";
import { dataOf, need, say } from "./lib/dom";

interface Key {
  readonly id: string;
  readonly type: "public-key";
}

interface GetOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly timeout: number;
  readonly userVerification: UserVerificationRequirement;
}

interface CreateOptions {
  readonly challenge: string;
  readonly rp: PublicKeyCredentialRpEntity;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: PublicKeyCredentialParameters[];
  readonly timeout: number;
  readonly excludeCredentials?: readonly Key[];
  readonly authenticatorSelection: AuthenticatorSelectionCriteria;
  readonly attestation: AttestationConveyancePreference;
}

function sendWith(form: HTMLFormElement, ask: () => Promise<object>): void {
  const words = need<HTMLElement>("[data-passkey-status]", form);
  const field = need<HTMLInputElement>("input[name='answer']", form);
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (field.value !== "") return;
    event.preventDefault();
    say(words, "Your browser asks you now.");
    ask().then(
      (answer) => {
        field.value = JSON.stringify(answer);
        say(words, "One moment.");
        form.requestSubmit();
      },
      (error: unknown) => say(words, whyNot(error)),
    );
  });
  // Coming back through the history must not send an answer that is spent.
  addEventListener("pageshow", () => {
    field.value = "";
    say(words, "");
  });
}

function whyNot(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (name === "NotAllowedError") return "Nothing was done: it was cancelled, or took too long. Try again when you like.";
  console.warn(error);
  return "Your browser could not do that. Try another browser, or sign in another way.";
}

function enveloped(credential: PublicKeyCredential, response: Record<string, unknown>): object {
  return {
    id: credential.id,
    rawId: fromBytes(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  };
}

async function get(options: GetOptions): Promise<object> {
  const publicKey = { ...options, challenge: toBytes(options.challenge), allowCredentials: [] };
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return enveloped(credential, {
    clientDataJSON: fromBytes(response.clientDataJSON),
    authenticatorData: fromBytes(response.authenticatorData),
    signature: fromBytes(response.signature),
    userHandle: response.userHandle === null ? null : fromBytes(response.userHandle),
  });
}

async function create(options: CreateOptions): Promise<object> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map((key) => ({ type: key.type, id: toBytes(key.id) })),
  };
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return enveloped(credential, {
    clientDataJSON: fromBytes(response.clientDataJSON),
    attestationObject: fromBytes(response.attestationObject),
    transports: response.getTransports(),
  });
}

if (typeof PublicKeyCredential !== "undefined") {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey-get]")) {
    sendWith(form, () => get(dataOf<GetOptions>(form, "passkeyGet")));
  }
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey-create]")) {
    sendWith(form, () => create(dataOf<CreateOptions>(form, "passkeyCreate")));
  }
}
