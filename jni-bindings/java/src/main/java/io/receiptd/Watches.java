package io.receiptd;

import java.util.List;

/**
 * All the listeners for jobs of one connection, on the one watch that the daemon gives it.
 *
 * <p>The daemon is told one filter that lets through what any listener wants; each listener's own filter is applied
 * here. It is widened when a listener needs it, and given up with the last one.
 */
final class Watches extends Subscriptions<JobFilter, JobListener> {
    /** What the daemon watches for us; null: nothing, or not known. */
    private JobFilter told;

    Watches(Connection connection) {
        super(connection);
    }

    void jobChanged(Job job) {
        for (Entry entry : entries()) {
            if (entry.what.matches(job)) {
                entry.tell(listener -> listener.onJobChanged(job));
            }
        }
    }

    void missed(String why) {
        tellAll(listener -> listener.onMissed(why));
    }

    @Override
    void connection(boolean there, String why) {
        super.connection(there, why);
        if (there) {
            missed("the connection was lost for a while");
        }
    }

    @Override
    Wish wish(List<Entry> wanted) {
        if (wanted.isEmpty()) {
            return told == null ? null
                    : new Wish(Operation.UNWATCH, new byte[0], () -> told = null, () -> told = null);
        }
        JobFilter all = told;
        for (Entry entry : wanted) {
            all = all == null ? bare(entry.what) : union(all, entry.what);
        }
        if (all.equals(told)) {
            return null;
        }
        JobFilter filter = all;
        FrameWriter out = new FrameWriter();
        filter.write(out);
        return new Wish(Operation.WATCH, out.frame(), () -> told = filter, () -> told = null);
    }

    @Override
    void tellLost(JobListener listener, String why) {
        listener.onConnectionLost(why);
    }

    @Override
    void tellRestored(JobListener listener) {
        listener.onConnectionRestored();
    }

    @Override
    void tellRefused(JobListener listener, ReceiptException why) {
        listener.onWatchLost(why);
    }

    /** The filter without what is for pages. */
    private static JobFilter bare(JobFilter filter) {
        return filter.toBuilder().newestFirst(null).limit(null).after(null).build();
    }

    /** A filter that lets through what either does. */
    static JobFilter union(JobFilter one, JobFilter other) {
        return JobFilter.builder()
                .printer(same(one.getPrinter(), other.getPrinter()))
                .state(same(one.getState(), other.getState()))
                .ownerUid(same(one.getOwnerUid(), other.getOwnerUid()))
                .sinceMs(one.getSinceMs() == null || other.getSinceMs() == null ? null
                        : (Long) Math.min(one.getSinceMs(), other.getSinceMs()))
                .untilMs(one.getUntilMs() == null || other.getUntilMs() == null ? null
                        : (Long) Math.max(one.getUntilMs(), other.getUntilMs()))
                .key(same(one.getKey(), other.getKey()))
                .activeOnly(same(one.getActiveOnly(), other.getActiveOnly()))
                .build();
    }

    private static <T> T same(T one, T other) {
        return one != null && one.equals(other) ? one : null;
    }
}
