"""What is right, hints, solutions and quizzes; one module a notebook, read by `helpers.checks`."""
