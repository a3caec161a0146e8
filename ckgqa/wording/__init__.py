"""Chinese wordings of facts and of questions about them, which the command line and the answerer share."""
