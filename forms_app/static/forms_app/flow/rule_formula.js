// Rules that are clicked together, and the formulas that they are kept as: `read` finds the clauses in a formula, or null
// where it says more than clauses can; `write` makes the formula. A clause: {path, op, value}; value "" is not given yet.

const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;

// How a value of each kind is written, and found again: `read` answers undefined for what is none.
const KINDS = {
  text: { write: quoted, read: (token) => (token?.text !== undefined ? token.text : undefined) },
  number: { write: String, read: (token) => token?.number },
  boolean: { write: (value) => (value ? "TRUE" : "FALSE"), read: (token) => token?.boolean },
  date: {
    write: (value) => `DATE(${value.split("-").map(Number).join(", ")})`,
    read: (token) => (token?.call === "DATE" && token.numbers.length === 3 ? day(token.numbers) : undefined),
  },
  datetime: {
    write: (value) => `DATETIME(${value.split(/[-T:]/).map(Number).join(", ")})`,
    read: (token) => (token?.call === "DATETIME" && token.numbers.length === 5 ? `${day(token.numbers)}T${token.numbers.slice(3).map(two).join(":")}` : undefined),
  },
};
// An option of a choice is kept by its token, as formulas keep it: {source#TOKEN}. Its label as a text is read as well.
const ofOptions = ({ name, options }) => ({
  write: (value) => `{${name}#${value}}`,
  read: (token) => {
    if (token?.text !== undefined) return options.find(({ label }) => label === token.text)?.value;
    return options.find(({ value }) => token?.path === `${name}#${value}`)?.value;
  },
});
const kindOf = (column) => (column?.options?.length ? ofOptions(column) : KINDS[column?.kind] ?? KINDS.text);
const two = (number) => String(number).padStart(2, "0");
const day = ([year, month, date]) => `${String(year).padStart(4, "0")}-${two(month)}-${two(date)}`;

// An operator is spelt as a formula has it: a sign, or a function of its own or of what is denied.
const SIGNS = ["=", "<>", ">", ">=", "<", "<="];
const CALLS = ["CONTAINS", "STARTSWITH", "IN", "INCLUDES", "ISBLANK"];
const NOT = "NOT ";
const BLANK = ["ISBLANK", "NOT ISBLANK"];

const OFFERED = {
  number: [...SIGNS, ...BLANK],
  date: [...SIGNS, ...BLANK],
  datetime: [">=", "<", ">", "<=", ...BLANK],
  boolean: ["=", ...BLANK],
  text: ["=", "<>", "CONTAINS", "NOT CONTAINS", "STARTSWITH", ...BLANK],
};

// The operators that a column's clauses have.
export function operatorsOf({ kind, list, options = [], people, related }) {
  if (related) return ["NOT ISBLANK", "ISBLANK"];
  if (list) return options.length || people ? ["INCLUDES", "NOT INCLUDES", ...BLANK] : BLANK;
  if (options.length) return ["=", "<>", "IN", "NOT IN", ...BLANK];
  if (people) return ["=", "<>"];
  return OFFERED[kind] ?? BLANK;
}

export const wantsValue = (op) => !BLANK.includes(op);
export const wantsSeveral = (op) => ["IN", "NOT IN"].includes(op);

const given = (value) => value !== "" && value !== null && value !== undefined;

// `columns`: Map of path → column. Several clauses must all be true, or any of them.
export function write({ any, clauses }, columns) {
  const written = clauses.map((clause) => written1(clause, columns.get(clause.path)));
  if (written.length < 2) return written[0] ?? "";
  return `${any ? "OR" : "AND"}(${written.join(", ")})`;
}

function written1({ path, op, value }, column) {
  if (op.startsWith(NOT)) return `NOT(${written1({ path, op: op.slice(NOT.length), value }, column)})`;
  const { write: spelt } = kindOf(column);
  const values = (wantsSeveral(op) ? value || [] : [value]).filter(given).map(spelt);
  const subject = `{${path}}`;
  if (SIGNS.includes(op)) return `${subject} ${op} ${values[0] ?? ""}`.trim();
  return `${op}(${[subject, ...(wantsValue(op) ? values : [])].join(", ")})`;
}

export function read(text, columns) {
  const tokens = tokensOf(text);
  if (!tokens) return null;
  if (!tokens.length) return { any: false, clauses: [] };
  const parser = new Reader(tokens, columns);
  const found = parser.rule();
  return found && parser.done ? found : null;
}

const TOKEN = /\s*(?:\{([^{}]*)\}|"((?:[^"]|"")*)"|(-?\d+(?:\.\d+)?)|([A-Za-z]+)|(<>|!=|<=|>=|[=<>(),]))/y;

function tokensOf(text) {
  const found = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const match = TOKEN.exec(rest);
    if (!match) return null;
    const [, path, string, number, word, sign] = match;
    if (path !== undefined) found.push({ path: path.trim() });
    else if (string !== undefined) found.push({ text: string.replaceAll('""', '"') });
    else if (number !== undefined) found.push({ number });
    else if (word) found.push(/^(TRUE|FALSE)$/i.test(word) ? { boolean: word.toUpperCase() === "TRUE" } : { word: word.toUpperCase() });
    else found.push({ sign: sign === "!=" ? "<>" : sign });
  }
  return found;
}

class Reader {
  constructor(tokens, columns) {
    Object.assign(this, { tokens, columns, place: 0 });
  }

  get done() {
    return this.place === this.tokens.length;
  }

  take(key, value) {
    const token = this.tokens[this.place];
    if (!token || (value === undefined ? token[key] === undefined : token[key] !== value)) return null;
    this.place += 1;
    return token;
  }

  rule() {
    const begin = this.place;
    const joined = this.take("word", "AND") ?? this.take("word", "OR");
    if (!joined) return this.whole([this.clause()], false);
    if (!this.take("sign", "(")) return null;
    const clauses = [this.clause()];
    while (this.take("sign", ",")) clauses.push(this.clause());
    return this.take("sign", ")") && this.place > begin ? this.whole(clauses, joined.word === "OR") : null;
  }

  whole(clauses, any) {
    return clauses.every(Boolean) ? { any, clauses } : null;
  }

  clause() {
    const found = this.bare();
    return found && this.fits(found) ? found : null;
  }

  bare() {
    if (this.take("word", "NOT")) {
      const inner = this.take("sign", "(") && this.bare();
      const denied = CALLS.includes(inner?.op);
      return denied && this.take("sign", ")") ? { ...inner, op: NOT + inner.op } : null;
    }
    const subject = this.take("path");
    if (subject) return this.compared(subject.path);
    const call = this.take("word");
    const op = CALLS.find((name) => name === call?.word);
    const path = op && this.take("sign", "(") && this.take("path")?.path;
    if (!path) return null;
    const values = [];
    while (this.take("sign", ",")) values.push(this.value(path));
    if (!this.take("sign", ")") || values.includes(undefined)) return null;
    if (wantsSeveral(op)) return { path, op, value: values };
    return values.length < (wantsValue(op) ? 2 : 1) ? { path, op, value: values[0] ?? "" } : null;
  }

  compared(path) {
    const sign = this.take("sign")?.sign;
    const op = SIGNS.find((name) => name === sign);
    if (!op) return null;
    const next = this.tokens[this.place];
    if (!next || next.sign) return { path, op, value: "" };
    const value = this.value(path);
    return value === undefined ? null : { path, op, value };
  }

  // A literal of the column's kind.
  value(path) {
    const { read: found } = kindOf(this.columns.get(path));
    const word = this.take("word");
    let token = this.tokens[this.place];
    if (word) {
      if (!this.take("sign", "(")) return undefined;
      const numbers = [];
      do numbers.push(Number(this.take("number")?.number)); while (this.take("sign", ","));
      if (!this.take("sign", ")") || numbers.some(Number.isNaN)) return undefined;
      token = { call: word.word, numbers };
    } else this.place += 1;
    return found(token);
  }

  // Only what the controls offer: an operator of the column, an option that there is.
  fits({ path, op, value }) {
    const column = this.columns.get(path);
    if (!column || !operatorsOf(column).includes(op)) return false;
    const tokens = (column.options ?? []).map((option) => option.value);
    return !wantsValue(op) || !tokens.length || [value].flat().every((one) => !given(one) || tokens.includes(one));
  }
}
