/** One epoch of a node: plain data that is copied before each step, and the words of the rules. */

/** Error 11 of ADAPTER.md: nothing was changed. */
export class NotEnabled extends Error {
    code = 11;
}

/** The node of an epoch, and its number: `n1.2` is the second one of n1, `n1` the only one. */
export const nodeOf = (name) => name.split(".")[0];
export const numberOf = (name) => Number(name.split(".")[1] ?? 1);

/** What a member loses with the memory of its engine. */
export const blank = () => ({ reporter: false, warned: false, acting: false, reported: [] });

/** A copy of plain data. */
function copied(data) {
    if (typeof data !== "object") return data;
    if (Array.isArray(data)) return data.map(copied);
    const copy = {};
    for (const key in data) copy[key] = copied(data[key]);
    return copy;
}

/** Refuse the step unless `holds`. */
export function need(holds, otherwise) {
    if (!holds) throw new NotEnabled(otherwise);
}

export class Node {
    /**
     * A first epoch that has admitted all others, or a later one that has yet to start; `cluster`
     * is the `config` of `reset`.
     */
    static start(cluster, name) {
        const first = cluster.nodes.filter((each) => numberOf(each) === 1);
        const node = new this(cluster, name, {
            epoch: numberOf(name),
            incarnation: `${name}/1`,
            sent: 0,
            phase: first.includes(name) ? "active" : "absent",
            dead: {}, // component: true
            members: {}, // group: {state, primary, reporter, warned, acting, reported}
            peers: {}, // epoch: {admitted: incarnation, view, barred, released, later, left, ...}
            entries: {}, // group: {epoch: {released, gone, primary}}
            lists: {}, // group: {entries, isEntry, confirmed, from, proposal}
        });
        const { members, peers, entries, lists } = node.state;
        const runs = node.in("active");
        for (const { name: group, nodes } of cluster.groups) {
            const founders = nodes.map((each) => first.find((other) => nodeOf(other) === each));
            entries[group] = {};
            for (const other of cluster.nodes.filter((each) => nodes.includes(nodeOf(each)))) {
                const primary = runs && other === founders[0];
                entries[group][other] = { released: false, gone: false, primary };
            }
            const isEntry = runs && founders.includes(name);
            lists[group] = { entries: runs ? founders : [], isEntry, confirmed: true, from: 0 };
            if (isEntry) {
                members[group] = { ...blank(), state: "active", primary: founders[0] === name };
            }
        }
        for (const other of cluster.nodes.filter((each) => each !== name)) {
            const view = runs && first.includes(other);
            peers[other] = { admitted: view && `${other}/1`, view, barred: false, released: false };
            Object.assign(peers[other], { later: false, left: false, partitioned: false });
        }
        return node;
    }

    constructor(cluster, name, state) {
        this.cluster = cluster;
        this.name = name;
        this.state = state;
        this.effects = [];
    }

    /** The same node, to try a step on. */
    copy() {
        return new this.constructor(this.cluster, this.name, copied(this.state));
    }

    /** The nodes but the own one, to which statements go. */
    others() {
        const nodes = new Set(this.cluster.nodes.map(nodeOf));
        return [...nodes].filter((node) => node !== nodeOf(this.name));
    }

    /** The epochs of the node of this one that are older. */
    olderThan(name) {
        const isOlder = (each) => nodeOf(each) === nodeOf(name) && numberOf(each) < numberOf(name);
        return this.cluster.nodes.filter(isOlder);
    }

    group(name) {
        return this.cluster.groups.find((group) => group.name === name);
    }

    member(group) {
        need(Object.hasOwn(this.state.members, group), `no member of ${group} here`);
        return this.state.members[group];
    }

    peer(other) {
        return this.state.peers[other];
    }

    entry(group, other) {
        return this.state.entries[group][other];
    }

    list(group) {
        return this.state.lists[group];
    }

    in(...phases) {
        return phases.includes(this.state.phase);
    }

    alive(component) {
        return !this.state.dead[component];
    }

    /** The engine, or the sentinel in its place, carries out the shutdown (§7.6). */
    speaks() {
        return this.alive("engine") || this.alive("sentinel");
    }

    send(kind, fields = {}, to = this.others()) {
        this.state.sent += 1;
        const { epoch, incarnation, sent } = this.state;
        const body = { kind, node: this.name, epoch, incarnation, ...fields };
        this.effects.push({
            send: { msg_id: `${this.name}:${epoch}:${sent}`, to, body },
        });
    }

    emit(effect, fields) {
        this.effects.push({ [effect]: fields });
    }
}
