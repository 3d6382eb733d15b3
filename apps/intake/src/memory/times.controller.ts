/** A person's own tasks, reminders and events. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { changeEvent, changeReminder, changeTask, createEvent, createReminder, createTask, deleteEvent, deleteReminder, deleteTask, getEvent, getReminder, getTask, listEvents, listReminders, listTasks, previewReminder } from '@carillon/memory';
import type { EventView, MemoryServices, ReminderView, TaskView } from '@carillon/memory';
import { EventBody, EventChange, EventsQuery, ReminderBody, ReminderChange, RemindersQuery, TaskBody, TaskChange, TasksQuery } from './bodies.js';
import { Me, MEMORY, OwnOnly } from './own-only.js';

@OwnOnly()
@Controller('memory/tasks')
export class TasksController {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  @Post()
  create(@Me() me: string, @Body() body: TaskBody): Promise<TaskView> {
    return createTask(this.services, me, body);
  }

  @Get()
  list(@Me() me: string, @Query() query: TasksQuery): Promise<TaskView[]> {
    return listTasks(this.services, me, query);
  }

  @Get(':id')
  get(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<TaskView> {
    return getTask(this.services, me, id);
  }

  @Patch(':id')
  change(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: TaskChange): Promise<{ task: TaskView; recurring_task_id: string | null }> {
    return changeTask(this.services, me, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return deleteTask(this.services, me, id);
  }
}

@OwnOnly()
@Controller('memory/reminders')
export class RemindersController {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  @Post()
  create(@Me() me: string, @Body() body: ReminderBody): Promise<ReminderView> {
    return createReminder(this.services, me, body);
  }

  /** When it would ring, in words; nothing is stored. */
  @Post('preview')
  @HttpCode(200)
  preview(@Me() me: string, @Body() body: ReminderBody): Promise<{ fire_at: Date; in_words: string[] }> {
    return previewReminder(this.services, me, body);
  }

  @Get()
  list(@Me() me: string, @Query() { fired, upcoming_only: upcoming, ...page }: RemindersQuery): Promise<ReminderView[]> {
    return listReminders(this.services, me, { ...page, ...(fired !== undefined && { fired: fired === 'true' }), ...(upcoming !== undefined && { upcoming: upcoming === 'true' }) });
  }

  @Get(':id')
  get(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<ReminderView> {
    return getReminder(this.services, me, id);
  }

  @Patch(':id')
  change(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: ReminderChange): Promise<ReminderView> {
    return changeReminder(this.services, me, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return deleteReminder(this.services, me, id);
  }
}

@OwnOnly()
@Controller('memory/events')
export class EventsController {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  @Post()
  create(@Me() me: string, @Body() body: EventBody): Promise<EventView> {
    return createEvent(this.services, me, body);
  }

  @Get()
  list(@Me() me: string, @Query() query: EventsQuery): Promise<EventView[]> {
    return listEvents(this.services, me, query);
  }

  @Get(':id')
  get(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<EventView> {
    return getEvent(this.services, me, id);
  }

  @Patch(':id')
  change(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: EventChange): Promise<EventView> {
    return changeEvent(this.services, me, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return deleteEvent(this.services, me, id);
  }
}
