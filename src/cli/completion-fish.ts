import { type CompletionNode, type CompletionOption, pathsOf, quote } from './completion-tree.js'

/** Completion for fish. */
export function fishCompletion(tree: readonly CompletionNode[]): string {
  const rules = tree.flatMap((node) => [
    ...node.commands.map(
      ({ name, description }) => `${at(node)} -f -a ${fishQuote(name)} -d ${fishQuote(description)}`,
    ),
    ...node.choices.map((choice) => `${at(node)} -f -a ${fishQuote(choice)}`),
    ...node.options.map(
      (option) => `${at(node)} ${optionArguments(option)} -d ${fishQuote(option.description)}`,
    ),
  ])
  return `# fish completion for sluice: sluice completion fish | source
function __sluice_at
    set -l place ''
    for word in (commandline -opc)[2..-1]
        switch "$place/$word"
            case ${pathsOf(tree).map(quote).join(' ')}
                set place "$place/$word"
        end
    end
    test "$place" = "$argv[1]"
end
${rules.join('\n')}
`
}

function at(node: CompletionNode): string {
  return `complete -c sluice -n ${fishQuote(`__sluice_at ${fishQuote(node.path)}`)}`
}

function optionArguments(option: CompletionOption): string {
  const names = option.flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  )
  const value = option.choices.length === 0 ? ['-r'] : ['-x', '-a', fishQuote(option.choices.join(' '))]
  return [...names, ...(option.takesValue ? value : [])].join(' ')
}

/** Fish knows two escapes within single quotes. */
function fishQuote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
