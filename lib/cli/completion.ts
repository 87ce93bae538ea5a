import { Command, Option } from 'commander';
import { CommandError } from './files.js';

/** What a command line may go on with, as the program itself declares it. */
interface Completions {
  readonly name: string;
  readonly description: string;
  /** Each option with its description; one that takes a value ends with `=`. */
  readonly options: readonly Option[];
  readonly choices: readonly string[];
}

/**
 * The script that completes the command line in a shell.
 *
 * @throws CommandError for a shell that is not known
 */
export function completionScript(program: Command, shell: string): string {
  const commands = program.commands.map((command) =>
    completionsOf(command, program.options),
  );
  switch (shell) {
    case 'bash':
      return bash(program.name(), commands);
    case 'zsh':
      return zsh(program.name(), commands);
    case 'fish':
      return fish(program.name(), commands);
  }
  throw new CommandError(
    `no completion for ${JSON.stringify(shell)}; use bash, zsh or fish`,
  );
}

function completionsOf(
  command: Command,
  common: readonly Option[],
): Completions {
  return {
    name: command.name(),
    description: command.summary() || command.description(),
    options: [...command.options, ...common],
    choices: command.registeredArguments.flatMap(
      ({ argChoices }) => argChoices ?? [],
    ),
  };
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

function bash(name: string, commands: readonly Completions[]): string {
  const cases = commands.map(({ name, options, choices }) => {
    const words = [...options.flatMap(flagsOf), ...choices].join(' ');
    return `    ${name}) words='${words}' ;;`;
  });
  return `# bash completion of ${name}: ${name} completion bash > /etc/bash_completion.d/${name}
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _${name} ${name}
`;
}

function zsh(name: string, commands: readonly Completions[]): string {
  const described = commands.map(
    ({ name, description }) => `    ${quoted(`${name}:${description}`)}`,
  );
  const cases = commands.map(({ name, options, choices }) => {
    const specs = options.flatMap((option) =>
      flagsOf(option).map((flag) =>
        quoted(
          `${flag}[${bracketed(option.description)}]${option.required ? ':value:_files' : ''}`,
        ),
      ),
    );
    const rest =
      choices.length > 0
        ? `'*:choice:(${choices.join(' ')})'`
        : "'*:file:_files'";
    return `    ${name}) _arguments ${[...specs, rest].join(' ')} ;;`;
  });
  return `#compdef ${name}
# zsh completion of ${name}: ${name} completion zsh > "\${fpath[1]}/_${name}"
_${name}() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
compdef _${name} ${name}
`;
}

function fish(name: string, commands: readonly Completions[]): string {
  const lines = commands.flatMap(
    ({ name: command, description, options, choices }) => {
      const within = `complete -c ${name} -n '__fish_seen_subcommand_from ${command}'`;
      return [
        `complete -c ${name} -n __fish_use_subcommand -f -a ${command} -d ${quoted(description)}`,
        ...options.map((option) => {
          const short = option.short ? ` -s ${option.short.slice(1)}` : '';
          const long = option.long ? ` -l ${option.long.slice(2)}` : '';
          const value = option.required ? ' -r' : '';
          return `${within}${short}${long}${value} -d ${quoted(option.description)}`;
        }),
        ...choices.map((choice) => `${within} -f -a ${choice}`),
      ];
    },
  );
  return `# fish completion of ${name}: ${name} completion fish > ~/.config/fish/completions/${name}.fish
${lines.join('\n')}
`;
}

/** As one word of any of these shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

function bracketed(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}
