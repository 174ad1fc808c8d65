package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** One call or block in execution: the state it changes, the block it is in, and the events it caused so far. */
final class Execution {
    private final State state;
    private final Config config;
    private final BlockContext block;
    private final List<Event> events = new ArrayList<>();
    private long draws;
    private long work;

    Execution(State state, Config config, BlockContext block) {
        this.state = state;
        this.config = config;
        this.block = block;
    }

    State state() {
        return state;
    }

    Config config() {
        return config;
    }

    Parameters parameters() {
        return config.parameters();
    }

    BlockContext block() {
        return block;
    }

    List<Event> events() {
        return events;
    }

    void emit(Event event) {
        events.add(event);
    }

    Chance chance(String purpose, long id) {
        return new Chance(block.entropy(), purpose, id);
    }

    long newId() {
        long id = Storage.NEXT_ID.get(state).orElse(1L);
        Storage.NEXT_ID.put(state, Math.addExact(id, 1));
        return id;
    }

    void put(Item item) {
        Storage.ITEMS.put(state, item.id(), item);
    }

    /** An object other objects refer to: it is there, or the state is broken. */
    <T extends Item> T item(Class<T> type, long id) {
        return find(type, id)
                .orElseThrow(() -> new IllegalStateException("there is no " + type.getSimpleName() + " " + id));
    }

    <T extends Item> Optional<T> find(Class<T> type, long id) {
        return Storage.ITEMS.get(state, id).filter(type::isInstance).map(type::cast);
    }

    User user(long id) {
        return item(User.class, id);
    }

    /** The user an account is, or a rejection that says what to do. */
    User caller(AccountId account) {
        return Storage.USER_BY_ACCOUNT
                .get(state, account)
                .map(this::user)
                .orElseThrow(() ->
                        new Rejection(LedgerError.UNKNOWN_USER, account + " is no user yet: submit newUser first"));
    }

    void updateUser(long id, UnaryOperator<User> change) {
        put(change.apply(user(id)));
    }

    Jobs jobs(long user) {
        return Storage.JOBS.get(state, user).orElse(Jobs.NONE);
    }

    void updateJobs(long user, UnaryOperator<Jobs> change) {
        Storage.JOBS.put(state, user, change.apply(jobs(user)));
    }

    void schedule(long inBlocks, Task task) {
        new Agenda(state).add(Math.addExact(block.number(), Math.max(1, inBlocks)), task);
    }

    /** Whether one more draw may be made in this block or call; more wait for the next one. */
    boolean mayDraw() {
        return draws++ < config.parameters().contractActivationCap();
    }

    /** Counts work done for positions in this step. */
    void worked(long positions) {
        work += positions;
    }

    /** What was counted since the last time. */
    long takeWork() {
        long done = work;
        work = 0;
        return done;
    }

    static <T> List<T> plus(List<T> items, T one) {
        List<T> more = new ArrayList<>(items);
        more.add(one);
        return List.copyOf(more);
    }

    static <T> List<T> all(List<T> items, List<T> others) {
        List<T> more = new ArrayList<>(items);
        more.addAll(others);
        return List.copyOf(more);
    }

    static <T> List<T> minus(List<T> items, T one) {
        List<T> less = new ArrayList<>(items);
        less.remove(one);
        return List.copyOf(less);
    }
}
