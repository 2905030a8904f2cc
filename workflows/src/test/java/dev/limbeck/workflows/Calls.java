package dev.limbeck.workflows;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The calls that activities got, in order; a test may let some of them fail or wait. */
final class Calls {

    /** One call. @param arguments without the run, which all of them get */
    record Call(String activity, List<Object> arguments) {

        <T> T argument(int index, Class<T> type) {
            return type.cast(arguments.get(index));
        }
    }

    private final List<Call> calls = new ArrayList<>();
    private volatile Consumer<Call> before = call -> {};

    /** What happens inside an activity before it answers. */
    void before(Consumer<Call> action) {
        before = action;
    }

    void add(String activity, Object... arguments) {
        List<Object> present = new ArrayList<>();
        for (Object argument : arguments) {
            present.add(argument == null ? "null" : argument);
        }
        Call call = new Call(activity, List.copyOf(present));
        synchronized (calls) {
            calls.add(call);
        }
        before.accept(call);
    }

    List<Call> of(String activity) {
        return of(call -> call.activity().equals(activity));
    }

    List<Call> of(Predicate<Call> wanted) {
        synchronized (calls) {
            return calls.stream().filter(wanted).toList();
        }
    }

    List<String> names() {
        synchronized (calls) {
            return calls.stream().map(Call::activity).toList();
        }
    }
}
