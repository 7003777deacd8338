/** `service:Command` of each command that the source of a client makes, by its imports, at its head or where it loads them. */
export function commandsOf(source: string): readonly string[] {
  const imports = [
    ...source.matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-([\w-]+)"/g),
    ...source.matchAll(/const \{([^}]*)\} = await import\("@aws-sdk\/client-([\w-]+)"\)/g),
  ];
  const services = imports.flatMap(([, names = "", service = ""]) =>
    names
      .split(",")
      .map((name) => name.replace("type ", "").trim())
      .filter((name) => name.endsWith("Command"))
      .map((name) => [name, service] as const),
  );
  const sent = new Set([...source.matchAll(/new (\w+Command)\(/g)].map(([, name = ""]) => name));
  return services.filter(([name]) => sent.has(name)).map(([name, service]) => `${service}:${name.replace(/Command$/, "")}`);
}
