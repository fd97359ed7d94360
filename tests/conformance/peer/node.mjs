/**
 * One node: its state, and the words that the rules are written in. A rule that does not hold
 * throws NotEnabled. The state is plain data, and copied before each step, so a refused step
 * leaves no trace.
 */

/** Error 11 of ADAPTER.md: nothing was changed. */
export class NotEnabled extends Error {
    code = 11;
}

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
    /** A node in epoch 1 that has admitted all others; `cluster` is the `config` of `reset`. */
    static start(cluster, name) {
        const node = new this(cluster, name, {
            epoch: 1,
            incarnation: `${name}/1`,
            sent: 0,
            phase: "active",
            dead: {}, // component: true
            members: {}, // group: {state, primary, reporter, warned, acting, reported}
            peers: {}, // node: {admitted: incarnation, view, barred, released, left, partitioned}
            entries: {}, // group: {node: {released, gone, primary}}
        });
        const { members, peers, entries } = node.state;
        for (const { name: group, nodes } of cluster.groups) {
            entries[group] = {};
            for (const other of nodes) {
                entries[group][other] = { released: false, gone: false, primary: false };
            }
            entries[group][nodes[0]].primary = true;
            if (!nodes.includes(name)) continue;
            members[group] = { ...blank(), state: "active", primary: nodes[0] === name };
        }
        for (const other of node.others()) {
            const admitted = `${other}/1`;
            peers[other] = { admitted, view: true, barred: false, released: false };
            Object.assign(peers[other], { left: false, partitioned: false });
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

    // Words

    others() {
        return this.cluster.nodes.filter((other) => other !== this.name);
    }

    group(name) {
        return this.cluster.groups.find((group) => group.name === name);
    }

    member(group) {
        need(Object.hasOwn(this.state.members, group), `no member of ${group} here`);
        return this.state.members[group];
    }

    peer(other) {
        need(Object.hasOwn(this.state.peers, other), `${other} is no peer`);
        return this.state.peers[other];
    }

    entry(group, node) {
        const entries = this.state.entries[group] ?? {};
        need(Object.hasOwn(entries, node), `no entry of ${node} in ${group}`);
        return entries[node];
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

    // Effects

    send(kind, fields = {}) {
        this.state.sent += 1;
        const { epoch, incarnation, sent } = this.state;
        const body = { kind, node: this.name, epoch, incarnation, ...fields };
        this.effects.push({
            send: { msg_id: `${this.name}:${epoch}:${sent}`, to: this.others(), body },
        });
    }

    emit(effect, fields) {
        this.effects.push({ [effect]: fields });
    }
}
