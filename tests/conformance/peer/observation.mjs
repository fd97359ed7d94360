/** What a node shows of itself (ADAPTER.md, section 6): a pure function of its state. */

/** The words of a text: words`these are four words`. */
export const words = ([text]) => text.trim().split(/\s+/);

export const OBSERVABLES = words`
    phase member primary reporter warned acting
    view heard heard_release left partitioned released heard_gone knows_primary
    heard_later admitted is_entry newest list_of committed_before
`;

const OVER = ["absent", "ended", "crashed"];

const map = (keys, value) => ({ "#map": keys.map((key) => [key, value(key)]) });

/** The observation of one node, in the ITF encoding. */
export function observe(node) {
    const { cluster, state } = node;
    const groups = cluster.groups.map((group) => group.name);
    const pairs = groups.flatMap((group) => cluster.nodes.map((other) => [group, other]));
    const ofMember = (key, absent) => map(groups, (group) => state.members[group]?.[key] ?? absent);
    const ofPeer = (key) => map(cluster.nodes, (other) => state.peers[other]?.[key] ?? false);
    const isHere = (other) =>
        other === node.name ? !OVER.includes(state.phase) : state.peers[other].view;
    const list = (group) => (cluster.hosts(node.name, group) ? state.lists[group].entries : []);
    const entry = (group) => list(group).length > 0 && state.lists[group].isEntry;
    const before = (group) => list(group).slice(0, entry(group) && list(group).indexOf(node.name));
    const ofList = (holds) => ({ "#map": pairs.map((at) => [{ "#tup": at }, holds(...at)]) });
    const ofEntry = (key) => ofList((group, other) => state.entries[group][other]?.[key] ?? false);
    return {
        phase: state.phase,
        member: ofMember("state", "absent"),
        primary: ofMember("primary", false),
        reporter: ofMember("reporter", false),
        warned: ofMember("warned", false),
        acting: ofMember("acting", false),
        view: map(cluster.nodes, isHere),
        admitted: map(cluster.nodes, (other) => isHere(other) || !!state.peers[other]?.left),
        heard_later: ofPeer("later"),
        is_entry: map(groups, entry),
        newest: ofList((group, other) => list(group).at(-1) === other),
        list_of: ofList((group, other) => list(group).includes(other)),
        committed_before: ofList((group, other) => before(group).includes(other)),
        heard: ofPeer("barred"),
        heard_release: ofPeer("released"),
        left: ofPeer("left"),
        partitioned: ofPeer("partitioned"),
        released: ofEntry("released"),
        heard_gone: ofEntry("gone"),
        knows_primary: ofEntry("primary"),
    };
}
