import { Argument, Command } from 'commander'
import { bashCompletion } from './completion-bash.js'
import { fishCompletion } from './completion-fish.js'
import { type CompletionNode, completionTree } from './completion-tree.js'
import { zshCompletion } from './completion-zsh.js'
import { type Context, withExample } from './context.js'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** `sluice completion`: a script made from the tree of commands below `root`. */
export function completionCommand({ output }: Context, root: Command): Command {
  const command = new Command('completion')
    .description('print a script that lets a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => {
      const tree: readonly CompletionNode[] = completionTree(root)
      return output.write(shells[shell](tree))
    })
  return withExample(command, 'source <(sluice completion bash)', 'sluice completion fish | source')
}
