package dev.inlay.model.generation;

/** Lets rows that grow on several threads be watched by a listener that knows of one. */
final class OneAtATime implements GenerationListener {
    private final GenerationListener listener;

    OneAtATime(GenerationListener listener) {
        this.listener = listener;
    }

    @Override
    public synchronized void text(int row, String piece) {
        listener.text(row, piece);
    }

    @Override
    public synchronized boolean goesOn(int row) {
        return listener.goesOn(row);
    }

    @Override
    public synchronized void finished(int row, Generated result) {
        listener.finished(row, result);
    }
}
