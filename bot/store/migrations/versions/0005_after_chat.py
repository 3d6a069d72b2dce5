"""Two questions after a chat with a person: what was pressed, by week, without the chat; and that they were asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("after_chat", sa.String(length=8), nullable=True))
    op.create_table(
        "after_chat",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("question", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("week", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_after_chat")),
    )


def downgrade() -> None:
    op.drop_table("after_chat")
    op.drop_column("conversations", "after_chat")
