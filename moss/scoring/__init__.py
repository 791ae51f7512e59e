"""What the score of a reply is good for: quality tags to train on, and the best of several replies."""
