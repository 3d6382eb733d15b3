/** What the compiler says to programs that exist in memory only, with the options of the house: for specs of types, and of code in documentation. */
import { join, resolve } from 'node:path';

/**
 * @param folder where the programs are taken to be; their imports are resolved from there
 * @param programs name → text
 * @returns name → what is wrong with it, one line or more each; empty when all is well
 */
export async function compilerSays(folder: string, programs: ReadonlyMap<string, string>): Promise<Map<string, string[]>> {
  // Loaded by the few specs that want it: it takes longer than most specs do.
  const { default: ts } = await import('typescript');
  const root = resolve(import.meta.dirname, '../../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const texts = new Map([...programs.values()].map((text, index) => [join(folder, `program-${index}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const paths = [...texts.keys()];
  return new Map(
    [...programs.keys()].map((name, index) => {
      const file = program.getSourceFile(paths[index] ?? '');
      const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [name, diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}
