"""What the logs of tests say, beside the findings: their lines, counted by what they have alike."""
