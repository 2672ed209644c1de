"""Alembic's entry: runs the migrations on the connection that `open_database` hands over."""

from alembic import context

from kinetics_builder.database.changes import count_changes
from kinetics_builder.database.only_added import refuse_changes
from kinetics_builder.database.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
    count_changes(connection)
    refuse_changes(connection)
if connection.in_transaction():
    connection.commit()
