/** What the trace shows, in sentences: what is violated, by which step, why, and what would prevent it. */

import { h } from "./dom.js";
import { setBy } from "./facts.js";
import { remedy } from "./prevention.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */

/** @param {Run} run */
export function verdictOf(run) {
    const { kind, property } = run.meta;
    if (kind === "reachable") return { bad: false, text: `${property ?? "A witness"} can be reached` };
    if (kind === "deadlock") return { bad: true, text: "The run gets stuck" };
    if (run.meta.divergence) return { bad: true, text: "The implementation differs from the model" };
    if (property && kind === "run") return { bad: true, text: `${property} is not shown by induction` };
    if (property) return { bad: true, text: `${property} is violated` };
    const broken = Array.from({ length: run.last }, (_, i) => run.violated(i + 1)).find(Boolean);
    return broken ? { bad: true, text: `${broken} is violated` } : { bad: false, text: "A run" };
}

/** Where the story turns: the step that breaks the property, or the one since which an endless run hangs. @param {Run} run */
export function turningPoint(run) {
    if (run.meta.kind === "leads_to" && run.bundle.loop !== null) {
        const changes = (run.extras?.waits ?? []).map((/** @type {any} */ each) => each.since);
        return Math.max(waitsFrom(run), ...changes);
    }
    for (let step = 1; step <= run.last; step += 1) if (run.violated(step)) return step;
    return run.meta.property || run.bundle.ours ? run.last : 0;
}

/** Where the wait of an endless run begins. @param {Run} run @returns {number} */
function waitsFrom(run) {
    return run.extras?.premise ?? run.bundle.loop;
}

/** One sentence on how it came about. @param {Run} run @returns {string} */
export function sentence(run) {
    const { kind, conjuncts, bindings } = run.meta;
    const values = Object.entries(bindings ?? {})
        .map(([name, value]) => `${name} = ${value}`)
        .join(", ");
    const shown = values ? `, with ${values}` : "";
    const parts = (conjuncts ?? []).filter((/** @type {string} */ name) => name !== run.meta.property);
    const broken = parts.length ? `: ${parts.join(" and ")} ${parts.length > 1 ? "do" : "does"} not hold` : "";
    const turn = turningPoint(run);
    switch (kind) {
        case "leads_to": {
            const loop = run.bundle.loop;
            const round = run.bundle.closing
                ? `the run goes round from state ${loop} for ever`
                : `after step ${loop} nobody is obliged to move`;
            const from = waitsFrom(run);
            const hangs = turn > from ? ` It hangs since step ${turn}, ${run.call(turn)}.` : "";
            return `From step ${from} on it waits ${awaited(run, shown)}: ${round}.${hangs}`;
        }
        case "deadlock":
            return `After step ${run.last} no action is enabled, and the model does not end here.`;
        case "reachable":
            return `Step ${run.last}, ${run.call(run.last)}, reaches it${shown}.`;
        case "always":
        case "action":
            if (turn === 0 || run.last === 0) return `The initial state breaks it${broken}${shown}.`;
            return `${breaker(run, turn)}${broken}${shown}.${allowance(run, turn)}`;
        case "run":
            if (run.meta.divergence) return differing(run);
            if (!run.meta.property) return plainly(run);
            if (run.last === 0) return "An initial state lacks it.";
            return `Step ${turn}, ${run.call(turn)}, leads from a state that has it to one that lacks it. Nobody says that the first of them can be reached.`;
        default:
            return plainly(run);
    }
}

/** What never comes: the cells that would have to hold something else. @param {Run} run @param {string} shown */
function awaited(run, shown) {
    const goals = (run.extras?.waits ?? []).filter((/** @type {any} */ each) => each.goal);
    const cells = goals.map((/** @type {any} */ each) => `${each.cell} = ${each.for.join(" or ")}`);
    return cells.length
        ? `for ${cells.join(", or ")}, which never comes${shown}`
        : `for what never comes${shown}`;
}

/** Who breaks the property, and how: the lane whose step it is, unless it is no doing of its. @param {Run} run @param {number} turn */
function breaker(run, turn) {
    const [taker] = run.takers(turn);
    if (taker === undefined || run.about(turn)?.environment)
        return `Step ${turn}, ${run.call(turn)}, breaks it`;
    return `In step ${turn} ${run.bundle.scene.lanes[taker].name} breaks it by ${run.call(turn)}`;
}

/** The latest step without which the one that breaks the property could not be taken. @param {Run} run @param {number} turn */
function allowance(run, turn) {
    const allowed = run.extras?.allowed ?? [];
    if (!allowed.length) return "";
    const step = allowed[0][2];
    const cells = allowed
        .filter((/** @type {[string, string, number]} */ [, , writer]) => writer === step)
        .map((/** @type {[string, string, number]} */ [cell, value]) => `${cell} = ${value}`);
    return ` Step ${turn} was allowed by step ${step}, ${run.call(step)}, which set ${cells.join(" and ")}.`;
}

/** What an implementation does otherwise. @param {Run} run */
function differing(run) {
    const { enabled, step } = run.meta.divergence;
    return enabled
        ? `Step ${run.last}, ${run.call(run.last)}, has another outcome there.`
        : `After step ${run.last} the model does not allow ${step}.`;
}

/** What was expected and what was observed. @param {Run} run */
function findings(run) {
    const rows = run.meta.divergence?.findings ?? [];
    if (!rows.length) return null;
    return h(
        "div",
        { class: "why" },
        h("h2", {}, "What differs"),
        h(
            "ul",
            {},
            rows.map((/** @type {string[]} */ [what, expected, observed]) =>
                h("li", {}, h("code", {}, what), `: expected ${expected}, observed `, h("b", {}, observed)),
            ),
        ),
    );
}

/** A run that shows nothing in particular. @param {Run} run */
function plainly(run) {
    return run.bundle.loop === null
        ? `${run.last} ${run.last === 1 ? "step" : "steps"} from the initial state.`
        : `An endless run: after step ${run.last} it goes on from state ${run.bundle.loop}.`;
}

/** @param {Run} run @param {Store} store */
export function headline(run, store) {
    const verdict = verdictOf(run);
    const about = run.extras?.properties?.[run.meta.property ?? ""]?.about;
    const claims = run.extras?.properties?.[run.meta.property ?? ""]?.claims ?? [];
    const turn = turningPoint(run);
    const flips = (run.extras?.flips ?? []).filter(
        (/** @type {any} */ flip) => flip.property === run.meta.property && !flip.holds,
    );
    const flip = flips.find((/** @type {any} */ each) => each.step === turn) ?? flips.at(-1);
    return h(
        "section",
        { class: `headline ${verdict.bad ? "bad" : "good"}`, "aria-label": "what the trace shows" },
        h(
            "h1",
            {},
            h("span", { class: "verdict" }, verdict.bad ? "✗ " : "✓ ", verdict.text),
            about ? h("span", { class: "statement" }, about) : null,
            h("span", { class: "claims" }, claims.join(" ")),
        ),
        h(
            "p",
            { class: "how" },
            sentence(run),
            " ",
            run.about(turn)?.about && run.meta.kind !== "leads_to"
                ? h("span", { class: "quiet" }, `Step ${turn} means: “${run.about(turn).about}” `)
                : null,
            h(
                "button",
                { class: "to-step wide", onclick: () => store.set({ step: turn }) },
                `go to step ${turn}`,
            ),
        ),
        why(run, store, flip),
        findings(run),
        remedy(run, store),
        fairness(run),
    );
}

/** What let the last step happen, the cells that made the property false, what an endless wait stays at. @param {Run} run @param {Store} store @param {any} flip */
function why(run, store, flip) {
    const allowed = run.extras?.allowed ?? [];
    const waits = run.extras?.waits ?? [];
    const lines = [
        ...allowed.map((/** @type {any} */ cause) =>
            h("li", {}, `step ${turningPoint(run)} was allowed since `, setBy(run, store, cause)),
        ),
        ...(flip?.because ?? []).map((/** @type {any} */ cause) => h("li", {}, setBy(run, store, cause))),
        ...waits.map((/** @type {any} */ { cell, value, since, for: wanted }) =>
            h("li", {}, setBy(run, store, [cell, value, since]), `, and never becomes ${wanted.join(" or ")}`),
        ),
    ];
    return lines.length ? h("div", { class: "why" }, h("h2", {}, "Why"), h("ul", {}, lines)) : null;
}

/** How each fair action fares in the loop. @param {Run} run */
function fairness(run) {
    const rows = run.extras?.fairness ?? [];
    if (!rows.length || run.bundle.loop === null) return null;
    return h(
        "details",
        { class: "fairness" },
        h("summary", {}, "The run is fair: no action waits for ever that may not"),
        h(
            "table",
            {},
            h(
                "thead",
                {},
                h("tr", {}, h("th", {}, "in the end"), h("th", {}, "fairness"), h("th", {}, "actions")),
            ),
            h(
                "tbody",
                {},
                alike(rows).map(([actions, fair, how]) =>
                    h("tr", {}, h("td", {}, how), h("td", {}, fair), h("td", {}, h("code", {}, actions.join(", ")))),
                ),
            ),
        ),
    );
}

/** The actions that fare alike, together. @param {string[][]} rows @returns {[string[], string, string][]} */
function alike(rows) {
    /** @type {Map<string, [string[], string, string]>} */
    const groups = new Map();
    for (const [action, fair, how] of rows) {
        const group = groups.get(`${fair} ${how}`) ?? [[], fair, how];
        group[0].push(action);
        groups.set(`${fair} ${how}`, group);
    }
    return [...groups.values()];
}
