import type { Command, Option } from 'commander'

/** What can be typed after a command, for shells to complete. */
export interface CompletionNode {
  /** `/` and the names that lead to the command, such as `/lab/up`; empty for the program. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly CompletionOption[]
  /** What its first argument may be, where that is a short list. */
  readonly choices: readonly string[]
}

export interface CompletionOption {
  /** Such as `-V` and `--version`. */
  readonly flags: readonly string[]
  readonly description: string
  /** It cannot stand without a value. */
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

/** Every command of a tree, the program first. */
export function completionTree(command: Command, path = ''): CompletionNode[] {
  const help = command.createHelp()
  const below = help.visibleCommands(command).filter((each) => each.name() !== 'help')
  const node: CompletionNode = {
    path,
    commands: below.map((each) => ({ name: each.name(), description: each.description() })),
    options: help.visibleOptions(command).map(describe),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  }
  return [node, ...below.flatMap((each) => completionTree(each, `${path}/${each.name()}`))]
}

function describe(option: Option): CompletionOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag != null),
    description: option.description,
    takesValue: option.required,
    choices: option.argChoices ?? [],
  }
}

/** The paths of all commands, as cases that a walk over the words of a line goes by. */
export function pathsOf(tree: readonly CompletionNode[]): string[] {
  return tree.map((node) => node.path).filter((path) => path !== '')
}

/** Each place where a value is typed after an option: `path flag`, and what the value may be. */
export function valuePlaces(
  tree: readonly CompletionNode[],
): { places: string[]; choices: readonly string[] }[] {
  return tree.flatMap((node) =>
    node.options
      .filter((option) => option.takesValue)
      .map((option) => ({
        places: option.flags.map((flag) => `${node.path} ${flag}`),
        choices: option.choices,
      })),
  )
}

/** A word or text in single quotes, for any of the shells. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
