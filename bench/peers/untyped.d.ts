// Peers that come without types.
declare module "better-sqlite3";
declare module "dynalite";
