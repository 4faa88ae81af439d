"""What is judged: the tree, its layout, its git history, throwaway copies of it."""
