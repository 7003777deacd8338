import { tenon } from "tenon/vite";

export const plugins = [tenon()];
