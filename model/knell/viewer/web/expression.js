/**
 * Watch expressions: `phase[n1] == failing & heard[n3, n1]`, `#view` (how many hold), `rounds`.
 *
 * A small language with a parser of its own; nothing that a reader types is run as script.
 */

/** @typedef {import("./run.js").Run} Run */
/** @typedef {string | number | boolean | null} Value */
/** @typedef {(run: Run, step: number) => Value} Meaning */

const TOKEN = /\s*(==|!=|<=|>=|&&|\|\||[&|!<>()+\-#=]|"[^"]*"|\d+|[^\s&|!<>()+\-#="[\]]+(?:\[[^\]]*\])*)/y;
/** @type {Record<string, [number, (a: Value, b: Value) => Value]>} */
const OPERATORS = {
    "|": [1, (a, b) => truth(a) || truth(b)],
    "||": [1, (a, b) => truth(a) || truth(b)],
    "&": [2, (a, b) => truth(a) && truth(b)],
    "&&": [2, (a, b) => truth(a) && truth(b)],
    "==": [3, (a, b) => String(a) === String(b)],
    "=": [3, (a, b) => String(a) === String(b)],
    "!=": [3, (a, b) => String(a) !== String(b)],
    "<": [4, (a, b) => Number(a) < Number(b)],
    "<=": [4, (a, b) => Number(a) <= Number(b)],
    ">": [4, (a, b) => Number(a) > Number(b)],
    ">=": [4, (a, b) => Number(a) >= Number(b)],
    "+": [5, (a, b) => Number(a) + Number(b)],
    "-": [5, (a, b) => Number(a) - Number(b)],
};

/** @param {Value} value */
function truth(value) {
    return value === true || value === "true";
}

/** @param {string} text @returns {string[]} */
function tokens(text) {
    const found = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
        const at = TOKEN.lastIndex;
        const match = TOKEN.exec(text);
        if (!match) throw new SyntaxError(`cannot be read from column ${at + 1}`);
        found.push(match[1]);
    }
    return found;
}

/**
 * The meaning of an expression.
 * @param {string} text
 * @param {Run} run
 * @returns {Meaning}
 */
export function compile(text, run) {
    const all = tokens(text);
    let position = 0;

    /** @returns {Meaning} */
    function unary() {
        const token = all[position++];
        if (token === undefined) throw new SyntaxError("ends too early");
        if (token === "!") {
            const inner = unary();
            return (r, k) => !truth(inner(r, k));
        }
        if (token === "-") {
            const inner = unary();
            return (r, k) => -Number(inner(r, k));
        }
        if (token === "(") {
            const inner = binary(0);
            if (all[position++] !== ")") throw new SyntaxError("lacks a closing parenthesis");
            return inner;
        }
        if (token === "#") return counted(all[position++] ?? "");
        if (/^\d+$/.test(token)) return () => Number(token);
        if (token.startsWith('"')) return () => token.slice(1, -1);
        if (/^[&|<>)+=]/.test(token)) throw new SyntaxError(`does not expect ${token}`);
        return named(token);
    }

    /** @param {number} least @returns {Meaning} */
    function binary(least) {
        let left = unary();
        for (let next = OPERATORS[all[position]]; next && next[0] > least; next = OPERATORS[all[position]]) {
            const [strength, apply] = next;
            position += 1;
            const [a, b] = [left, binary(strength)];
            left = (r, k) => apply(a(r, k), b(r, k));
        }
        return left;
    }

    /** @param {string} name @returns {Meaning} a cell, or a plain word */
    function named(name) {
        const cell = cellOf(run, name);
        if (cell === undefined) {
            if (name.includes("[") || run.bundle.vars.some((each) => run.labels[each] === name))
                throw new SyntaxError(`knows no ${name}`);
            return () => name;
        }
        return (r, k) =>
            r.kind(cell, k) === "c" ? whole(r, cell, k) : r.kind(cell, k) === "e" ? true : r.text(cell, k);
    }

    /** @param {string} name @returns {Meaning} how many children hold, or are there */
    function counted(name) {
        const cell = cellOf(run, name);
        if (cell === undefined) throw new SyntaxError(`knows no ${name}`);
        return (r, k) =>
            r.children[cell].filter((child) =>
                r.kind(child, k) === "b" ? r.text(child, k) === "true" : r.at(child, k) >= 0,
            ).length;
    }

    const meaning = binary(0);
    if (position < all.length) throw new SyntaxError(`does not expect ${all[position]}`);
    return meaning;
}

/** @param {Run} run @param {string} name */
function cellOf(run, name) {
    const spaced = name.replace(/\s*,\s*/g, ", ").replace(/\[\s+|\s+\]/g, (bracket) => bracket.trim());
    return run.find(spaced);
}

/** A container in one line. @param {Run} run @param {number} cell @param {number} step @returns {string} */
function whole(run, cell, step) {
    const parts = run.children[cell].flatMap((child) => {
        const kind = run.kind(child, step);
        if (kind === null || (kind === "b" && run.text(child, step) === "false")) return [];
        if (kind === "e" || kind === "b") return [run.labels[child]];
        return [`${run.labels[child]}: ${kind === "c" ? whole(run, child, step) : run.text(child, step)}`];
    });
    return `{${parts.join("; ")}}`;
}
