/** Where pieces wait in the browser until the server has them: IndexedDB, which survives a reload and a crash. */

const PIECES = "pieces";
const RECORDINGS = "recordings";

export interface KeptPiece {
  readonly seat: string;
  readonly recording: string;
  readonly piece: number;
  readonly flac: Uint8Array<ArrayBuffer>;
  readonly firstSample: number;
  readonly samples: number;
  readonly rateHz: number;
  readonly atUs: number;
}

/** pieces: how many were made so far. */
export interface KeptRecording {
  readonly seat: string;
  readonly recording: string;
  readonly pieces: number;
}

/** How much of one seat is not sent yet. */
export interface Unsent {
  readonly pieces: number;
  readonly seconds: number;
}

export class Shelf {
  private constructor(
    private readonly database: IDBDatabase,
    private readonly seat: string,
  ) {}

  /** Throws where the browser keeps nothing (some private windows). */
  static async open(seat: string): Promise<Shelf> {
    const asked = indexedDB.open("rostra-local", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(PIECES, { keyPath: ["seat", "recording", "piece"] });
      asked.result.createObjectStore(RECORDINGS, { keyPath: ["seat", "recording"] });
    };
    return new Shelf(await result(asked), seat);
  }

  /** A piece and the count of its recording, both or neither. Throws QuotaExceededError when there is no space. */
  async keep(piece: KeptPiece): Promise<void> {
    const change = this.database.transaction([PIECES, RECORDINGS], "readwrite", { durability: "strict" });
    change.objectStore(PIECES).put(piece);
    const { seat, recording } = piece;
    change.objectStore(RECORDINGS).put({ seat, recording, pieces: piece.piece + 1 } satisfies KeptRecording);
    await finished(change);
  }

  async recordings(): Promise<KeptRecording[]> {
    return await result(this.#store(RECORDINGS).getAll(this.#all(2)));
  }

  /** The first piece that is not sent, of any recording. */
  async next(): Promise<KeptPiece | null> {
    const cursor = await result(this.#store(PIECES).openCursor(this.#all(3)));
    return (cursor?.value as KeptPiece | undefined) ?? null;
  }

  async left(recording: string): Promise<number> {
    const range = IDBKeyRange.bound([this.seat, recording], [this.seat, recording, []]);
    return await result(this.#store(PIECES).count(range));
  }

  /** Every piece is five seconds long but the last of a recording, so the count tells the time well enough. */
  async unsent(pieceS: number): Promise<Unsent> {
    const pieces = await result(this.#store(PIECES).count(this.#all(3)));
    return { pieces, seconds: pieces * pieceS };
  }

  async drop(piece: KeptPiece): Promise<void> {
    const change = this.database.transaction(PIECES, "readwrite");
    change.objectStore(PIECES).delete([piece.seat, piece.recording, piece.piece]);
    await finished(change);
  }

  async dropRecording(recording: string): Promise<void> {
    const change = this.database.transaction(RECORDINGS, "readwrite");
    change.objectStore(RECORDINGS).delete([this.seat, recording]);
    await finished(change);
  }

  /** Forget everything of this seat. */
  async clear(): Promise<void> {
    const change = this.database.transaction([PIECES, RECORDINGS], "readwrite");
    change.objectStore(PIECES).delete(this.#all(3));
    change.objectStore(RECORDINGS).delete(this.#all(2));
    await finished(change);
  }

  #store(name: string): IDBObjectStore {
    return this.database.transaction(name).objectStore(name);
  }

  /** All keys of this seat. An array sorts behind every number and text. */
  #all(parts: 2 | 3): IDBKeyRange {
    return IDBKeyRange.bound([this.seat], parts === 2 ? [this.seat, []] : [this.seat, [], []]);
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's storage failed"));
  });
}

function finished(change: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    change.oncomplete = () => resolve();
    const failed = (): void => reject(change.error ?? new Error("the browser's storage failed"));
    change.onerror = failed;
    change.onabort = failed;
  });
}
