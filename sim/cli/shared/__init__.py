"""What commands of both programs share: options, checks, progress, how a command ends, help."""
