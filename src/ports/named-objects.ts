/**
 * One named or ephemeral object of an environment: a Dict, later a Queue or a Volume. An object that is deleted and made
 * again under its name is another one: its id differs.
 */
export interface ObjectRef {
  /** Its name; of an ephemeral one `~` and its id. */
  readonly name: string;
  /** Prefix of its kind and 22 letters and digits, such as `di-0001x…`. */
  readonly id: string;
}

/** What is known of an object. */
export interface ObjectInfo extends ObjectRef {
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  /** Who made it, as far as the backend knows: a user of this machine, or the caller's ARN. */
  readonly createdBy: string | null;
}

/** Which objects to list. */
export interface ListObjectsParams {
  /** At most so many; default: all. */
  readonly maxObjects?: number | undefined;
  /** Only those made before; epoch milliseconds. */
  readonly createdBeforeMs?: number | undefined;
}

/** How often whoever made an ephemeral object says that it is in use, in milliseconds, as in Modal. */
export const HEARTBEAT_EVERY_MS = 300_000;

/** How long an ephemeral object lives without a heartbeat, in milliseconds. */
export const EPHEMERAL_LIFE_MS = 24 * 60 * 60 * 1_000;

/** What every kind of named object can: they live in the environment, outlive every App, and are shared. */
export interface NamedObjects {
  /**
   * Finds an object, and makes it when it is missing and `createIfMissing` says so. Rejects with `NotFoundError`.
   * Of two that make it at once, both get the same one.
   */
  open(name: string, params?: { readonly createIfMissing?: boolean | undefined }): Promise<ObjectInfo>;
  /** Makes an object. Rejects with `AlreadyExistsError` unless `allowExisting`, which leaves the one there as it is. */
  create(name: string, params?: { readonly allowExisting?: boolean | undefined }): Promise<ObjectInfo>;
  /** Makes one without a name, which lives until it is deleted, or nobody has sent a heartbeat for a day. */
  createEphemeral(): Promise<ObjectInfo>;
  /** Says that an ephemeral one is in use. */
  heartbeat(ref: ObjectRef): Promise<void>;
  /** Every named object, newest first. */
  list(params?: ListObjectsParams): Promise<readonly ObjectInfo[]>;
  /** What is known of an object. Rejects with `NotFoundError` when it has been deleted. */
  info(ref: ObjectRef): Promise<ObjectInfo>;
  /** Deletes an object and all that is in it, for good. Rejects with `NotFoundError` unless `allowMissing`. */
  delete(name: string, params?: { readonly allowMissing?: boolean | undefined }): Promise<void>;
  /** Deletes an ephemeral one; one that is gone already is no error. */
  deleteEphemeral(ref: ObjectRef): Promise<void>;
}

/** The operations of {@link NamedObjects}, for the table of each kind. */
export const namedObjectsOperations = {
  open: { shape: "once", object: "0" },
  create: { shape: "once", object: "0" },
  createEphemeral: { shape: "once" },
  heartbeat: { shape: "once", object: "0.name" },
  list: { shape: "once" },
  info: { shape: "once", object: "0.name" },
  delete: { shape: "once", object: "0" },
  deleteEphemeral: { shape: "once", object: "0.name" },
} as const;
