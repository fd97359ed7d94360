/** The report of a whole check: verdicts, actions, depth, warnings, and each trace in the viewer. */

import { h, replace, s } from "./dom.js";
import { themeButton } from "./theme.js";

/**
 * @param {HTMLElement} root
 * @param {any} report what `knell check --json` says, with the states of each depth
 * @param {(id: string) => void} open shows a trace
 * @param {Map<string, number>} traces the traces by the run and the property that they show
 */
export function showReport(root, report, open, traces) {
    document.onkeydown = null;
    const runs = report.runs ?? [report];
    replace(
        root,
        h(
            "header",
            { class: "bar" },
            h("span", { class: "brand" }, "knell"),
            h("span", { class: "which" }, "check ", h("span", { class: "model" }, runs[0]?.model ?? "")),
            h("span", { class: "stretch" }),
            themeButton(),
        ),
        h(
            "main",
            { class: "report" },
            h(
                "h1",
                { class: `verdict-${report.verdict}` },
                sign(report.verdict),
                ` ${runs[0]?.model ?? ""} ${word(report.verdict)}`,
            ),
            runs.length > 1 ? overview(runs) : null,
            [...(report.warnings ?? []), ...(report.failures ?? [])].length && report.runs
                ? notes("Warnings", [...(report.warnings ?? []), ...(report.failures ?? [])])
                : null,
            runs.map((/** @type {any} */ run, /** @type {number} */ index) =>
                section(run, index, open, traces),
            ),
        ),
    );
}

/** @param {string} verdict */
function word(verdict) {
    return (
        { holds: "holds", violated: "is violated", inconclusive: "is undecided: a bound was reached" }[
            verdict
        ] ?? verdict
    );
}

/** @param {string} verdict */
function sign(verdict) {
    const [text, name] =
        verdict === "holds" ? ["✓", "yes"] : verdict === "violated" ? ["✗", "no"] : ["?", "maybe"];
    return h("span", { class: `sign ${name}`, "aria-label": verdict }, text);
}

/** @param {any} run */
function nameOf(run) {
    return `${run.config_name ?? "default"}${run.mutant ? `, mutant ${run.mutant}` : ""}`;
}

/** @param {any[]} runs */
function overview(runs) {
    return h(
        "table",
        { class: "overview" },
        h(
            "thead",
            {},
            h(
                "tr",
                {},
                ["configuration", "verdict", "states", "depth", "seconds"].map((text) =>
                    h("th", { scope: "col" }, text),
                ),
            ),
        ),
        h(
            "tbody",
            {},
            runs.map((run, index) =>
                h(
                    "tr",
                    {},
                    h(
                        "td",
                        {},
                        h(
                            "a",
                            {
                                href: `#run-${index}`,
                                onclick: (/** @type {Event} */ event) => {
                                    event.preventDefault();
                                    document.getElementById(`run-${index}`)?.scrollIntoView();
                                },
                            },
                            nameOf(run),
                        ),
                    ),
                    h("td", {}, sign(run.verdict), ` ${run.verdict}`),
                    number(run.states.distinct),
                    number(run.states.depth),
                    h("td", { class: "number" }, run.seconds.total.toFixed(2)),
                ),
            ),
        ),
    );
}

/** @param {number} value */
function number(value) {
    return h("td", { class: "number" }, value.toLocaleString("en"));
}

/** @param {any} run @param {number} index @param {(id: string) => void} open @param {Map<string, number>} traces */
function section(run, index, open, traces) {
    return h(
        "section",
        { id: `run-${index}`, class: "run" },
        h("h2", {}, nameOf(run)),
        h(
            "p",
            { class: "quiet" },
            `${run.states.distinct.toLocaleString("en")} states, ${run.states.generated.toLocaleString("en")} generated, depth ${run.states.depth}${run.states.complete ? "" : ", not complete"}; ${run.seconds.total.toFixed(2)} s, ${run.engine} engine${run.symmetry ? ", symmetry divided out" : ""}. `,
            Object.entries(run.config)
                .map(([name, value]) => `${name}=${value}`)
                .join(" "),
        ),
        notes("Warnings", run.warnings),
        notes("Why it is not complete", run.reasons),
        h(
            "div",
            { class: "columns" },
            h(
                "div",
                {},
                h("h3", {}, "Properties"),
                h(
                    "table",
                    { class: "properties" },
                    h(
                        "tbody",
                        {},
                        run.properties.map((/** @type {any} */ each) =>
                            property(each, `${index}/${each.id}`, open, traces),
                        ),
                    ),
                ),
            ),
            h(
                "div",
                {},
                run.levels?.length > 1 ? [h("h3", {}, "States of each depth"), plot(run.levels)] : null,
                h("h3", {}, "Actions taken"),
                coverage(run.actions),
            ),
        ),
    );
}

/** @param {any} each @param {string} id @param {(id: string) => void} open @param {Map<string, number>} traces */
function property(each, id, open, traces) {
    const has = traces.has(id);
    const found =
        each.kind === "reachable" && each.verdict === "holds"
            ? `found after ${each.steps} ${each.steps === 1 ? "step" : "steps"}`
            : each.verdict;
    return h(
        "tr",
        { class: each.verdict },
        h("td", {}, sign(each.verdict)),
        h("th", { scope: "row", title: each.about }, each.id),
        h("td", { class: "quiet" }, each.kind.replace("_", " ")),
        h("td", {}, found),
        h("td", { class: "claims" }, each.claims.join(" ")),
        h(
            "td",
            {},
            has
                ? h(
                      "button",
                      { class: "to-step wide open-trace", "data-trace": id, onclick: () => open(id) },
                      each.verdict === "violated" ? "show what went wrong" : "show",
                  )
                : null,
        ),
    );
}

/** @param {string} title @param {string[]} texts */
function notes(title, texts) {
    return texts?.length
        ? h(
              "div",
              { class: "warnings" },
              h("h3", {}, title),
              h(
                  "ul",
                  {},
                  texts.map((text) => h("li", {}, text)),
              ),
          )
        : null;
}

/** @param {{name: string, taken: number}[]} actions */
function coverage(actions) {
    const most = Math.max(1, ...actions.map(({ taken }) => taken));
    return h(
        "table",
        { class: "coverage" },
        h(
            "tbody",
            {},
            actions.map(({ name, taken }) => {
                const share = taken ? Math.max(2, (100 * Math.log1p(taken)) / Math.log1p(most)) : 0;
                return h(
                    "tr",
                    { class: taken ? "" : "never" },
                    h("th", { scope: "row" }, name),
                    number(taken),
                    h(
                        "td",
                        {},
                        s(
                            "svg",
                            { width: 104, height: 10, "aria-hidden": "true" },
                            s("rect", { class: "bar-fill", width: share, height: 10, rx: 2 }),
                        ),
                    ),
                );
            }),
        ),
    );
}

/** @param {number[]} levels */
function plot(levels) {
    const [width, height, left, low] = [420, 130, 52, 18];
    const most = Math.max(...levels);
    const step = (width - left) / levels.length;
    return s(
        "svg",
        {
            class: "plot",
            viewBox: `0 0 ${width} ${height}`,
            role: "img",
            "aria-label": `new states of each depth, at most ${most}`,
        },
        levels.map((count, depth) =>
            s(
                "rect",
                {
                    class: "bar-fill",
                    x: left + depth * step + 0.5,
                    width: Math.max(1, step - 1),
                    y: 4 + (height - low - 4) * (1 - count / most),
                    height: Math.max(0.5, ((height - low - 4) * count) / most),
                },
                s("title", {}, `depth ${depth + 1}: ${count.toLocaleString("en")}`),
            ),
        ),
        s("text", { class: "axis", x: left - 6, y: 12, "text-anchor": "end" }, most.toLocaleString("en")),
        s("text", { class: "axis", x: left, y: height - 4 }, "1"),
        s("text", { class: "axis", x: width, y: height - 4, "text-anchor": "end" }, levels.length),
    );
}
