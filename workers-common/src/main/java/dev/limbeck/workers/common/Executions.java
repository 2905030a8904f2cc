package dev.limbeck.workers.common;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.temporal.api.filter.v1.StartTimeFilter;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.ListClosedWorkflowExecutionsRequest;
import io.temporal.api.workflowservice.v1.ListClosedWorkflowExecutionsResponse;
import io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsRequest;
import io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsResponse;
import io.temporal.client.WorkflowClient;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The workflows that a server knows. Only calls that the embedded server answers too are used. */
public final class Executions {

    private static final int PAGE = 1000;

    private Executions() {}

    /** Those under way, those that others have started included. */
    public static List<WorkflowExecutionInfo> open(WorkflowClient temporal) {
        return pages(
                page -> temporal.getWorkflowServiceStubs()
                        .blockingStub()
                        .listOpenWorkflowExecutions(ListOpenWorkflowExecutionsRequest.newBuilder()
                                .setNamespace(temporal.getOptions().getNamespace())
                                .setMaximumPageSize(PAGE)
                                .setStartTimeFilter(always())
                                .setNextPageToken(page)
                                .build()),
                ListOpenWorkflowExecutionsResponse::getExecutionsList,
                ListOpenWorkflowExecutionsResponse::getNextPageToken);
    }

    /** Those that have ended, as long as the server keeps them. */
    public static List<WorkflowExecutionInfo> closed(WorkflowClient temporal) {
        return pages(
                page -> temporal.getWorkflowServiceStubs()
                        .blockingStub()
                        .listClosedWorkflowExecutions(ListClosedWorkflowExecutionsRequest.newBuilder()
                                .setNamespace(temporal.getOptions().getNamespace())
                                .setMaximumPageSize(PAGE)
                                .setStartTimeFilter(always())
                                .setNextPageToken(page)
                                .build()),
                ListClosedWorkflowExecutionsResponse::getExecutionsList,
                ListClosedWorkflowExecutionsResponse::getNextPageToken);
    }

    private static <A> List<WorkflowExecutionInfo> pages(
            Function<ByteString, A> ask,
            Function<A, List<WorkflowExecutionInfo>> executions,
            Function<A, ByteString> next) {
        List<WorkflowExecutionInfo> found = new ArrayList<>();
        ByteString page = ByteString.EMPTY;
        do {
            A answer = ask.apply(page);
            found.addAll(executions.apply(answer));
            page = next.apply(answer);
        } while (!page.isEmpty());
        return found;
    }

    /** A server wants one. */
    private static StartTimeFilter always() {
        return StartTimeFilter.newBuilder()
                .setEarliestTime(Timestamps.EPOCH)
                .setLatestTime(Timestamps.fromMillis(System.currentTimeMillis() + 60_000))
                .build();
    }
}
