/** Why a text is not valid JSON, and where. */
export interface JsonFault {
  /** The index of the fault in the text. */
  readonly index: number;
  readonly sentence: string;
}

/** An object or array that is still open. */
interface Container {
  readonly closer: '}' | ']';
  readonly index: number;
}

const CUT = 'the text ends here; is the file cut?';

/**
 * Finds the first syntax error in a text that is not valid JSON, in linear
 * time. `JSON.parse` finds it too, but describes it in terms of its parser.
 */
export function jsonFault(text: string): JsonFault | undefined {
  return new Scan(text).fault();
}

/** Deeper than any real configuration; `JSON.parse` itself allows more. */
const DEEPEST = 1000;

class Scan {
  private index = 0;
  private readonly open: Container[] = [];

  constructor(private readonly text: string) {}

  fault(): JsonFault | undefined {
    let fault = this.value();
    while (!fault && this.open.length > 0) fault = this.afterValue();
    return fault ?? this.afterAll();
  }

  /** Reads a scalar, or the start of an object or array up to its first scalar. */
  private value(): JsonFault | undefined {
    const character = this.next();
    switch (character) {
      case '':
        return this.at(CUT);
      case '{':
      case '[':
        return this.opened(character === '{' ? '}' : ']');
      case '"':
        return this.string();
      case '}':
      case ']':
      case ',':
      case ':':
        return this.at(`a value is missing before "${character}"`);
      case "'":
        return this.at('strings of JSON need double quotes');
      case '/':
        return this.at('JSON has no comments');
      default:
        return this.word();
    }
  }

  private opened(closer: Container['closer']): JsonFault | undefined {
    if (this.open.length === DEEPEST) {
      return this.at(`the text is nested deeper than ${DEEPEST} levels`);
    }
    this.open.push({ closer, index: this.index++ });
    if (this.next() === closer) {
      this.index++;
      this.open.pop();
      return undefined;
    }
    return closer === '}' ? this.member() : this.value();
  }

  private member(): JsonFault | undefined {
    const start = this.index;
    const character = this.next();
    if (character === '') return this.at(CUT);
    if (character === '/') return this.at('JSON has no comments');
    if (character !== '"') {
      return this.at(`the key ${this.shownWord()} needs double quotes`);
    }
    const fault = this.string();
    if (fault) return fault;
    const key = this.text.slice(start, this.index).trim();
    const colon = this.next();
    if (colon !== ':') {
      return this.at(
        colon === '' ? CUT : `a colon is missing after ${cut(key)}`,
      );
    }
    this.index++;
    return this.value();
  }

  /** Reads a comma and the next item, or the end of the innermost object or array. */
  private afterValue(): JsonFault | undefined {
    const { closer, index } = this.open.at(-1)!;
    const character = this.next();
    if (character === closer) {
      this.index++;
      this.open.pop();
      return undefined;
    }
    if (character === '') {
      const what = closer === '}' ? 'object' : 'list';
      const { line } = linePosition(this.text, index);
      return this.at(
        `the text ends inside the ${what} of line ${line}; is the file cut?`,
      );
    }
    if (character !== ',') return this.at(this.noComma(character, closer));
    const comma = this.index++;
    if (this.next() === closer) {
      return {
        index: comma,
        sentence: `a comma too many before "${closer}"`,
      };
    }
    return closer === '}' ? this.member() : this.value();
  }

  private noComma(character: string, closer: string): string {
    if (character === '}' || character === ']') {
      return `"${character}" stands where "${closer}" is expected`;
    }
    if (character === '/') return 'JSON has no comments';
    if (character === ':') return 'a colon stands where a comma is expected';
    return `a comma is missing before ${this.shownWord()}`;
  }

  private afterAll(): JsonFault | undefined {
    const character = this.next();
    if (character === '') return undefined;
    if (character === '}' || character === ']') {
      return this.at(`one "${character}" too many`);
    }
    if (character === '/') return this.at('JSON has no comments');
    return this.at(
      'the file holds several JSON values; is it a fragment of a flexible configuration?',
    );
  }

  private string(): JsonFault | undefined {
    const start = this.index++;
    for (; this.index < this.text.length; this.index++) {
      const character = this.text[this.index];
      if (character === '"') {
        this.index++;
        return undefined;
      }
      if (character === '\\') {
        const escape = /["\\/bfnrt]|u[\da-fA-F]{4}/y;
        escape.lastIndex = this.index + 1;
        if (!escape.test(this.text)) {
          return this.at(
            `${JSON.stringify(this.text.slice(this.index, this.index + 2))} is no escape of JSON`,
          );
        }
        this.index = escape.lastIndex - 1;
      } else if (character < ' ') {
        const isLine = character === '\n' || character === '\r';
        return isLine
          ? { index: start, sentence: 'the string is not closed in its line' }
          : this.at('a string must not hold control characters');
      }
    }
    return { index: start, sentence: 'the string is not closed' };
  }

  private word(): JsonFault | undefined {
    const word = this.wordHere();
    const isValue =
      /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(
        word,
      );
    if (!isValue) return this.at(`${cut(word)} is no value of JSON`);
    this.index += word.length;
    return undefined;
  }

  /** The word at the index, up to the next punctuation or whitespace. */
  private wordHere(): string {
    const word = /[^\s,:{}[\]"']+/y;
    word.lastIndex = this.index;
    return word.exec(this.text)?.[0] ?? this.text[this.index];
  }

  private shownWord(): string {
    if (this.text[this.index] !== '"') return cut(this.wordHere());
    const start = this.index;
    const fault = this.string();
    const shown = cut(this.text.slice(start, this.index));
    this.index = start;
    return fault ? 'a string' : shown;
  }

  /** The next character that is not whitespace; empty at the end. */
  private next(): string {
    const blank = /[ \t\n\r]*/y;
    blank.lastIndex = this.index;
    blank.test(this.text);
    this.index = blank.lastIndex;
    return this.text[this.index] ?? '';
  }

  private at(sentence: string): JsonFault {
    return { index: this.index, sentence };
  }
}

const LONGEST_SHOWN = 60;

function cut(text: string): string {
  return text.length > LONGEST_SHOWN
    ? `${text.slice(0, LONGEST_SHOWN)}…`
    : text;
}

/** The line and column of an index, both starting at 1. */
export function linePosition(
  text: string,
  index: number,
): { line: number; column: number } {
  const before = text.slice(0, index);
  const column = index - before.lastIndexOf('\n');
  return { line: before.split('\n').length, column };
}
