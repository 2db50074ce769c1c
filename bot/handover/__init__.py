"""From bot to person and back: the queue, one atomic claim, lease, hand-back."""
